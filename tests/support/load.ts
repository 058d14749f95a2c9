import { connect } from 'node:net'

/** A load generator that knows exactly what was answered: pipelined requests over connections that are kept. */

export interface Answered {
  /** By status, of the answers that came in whole heads. */
  readonly statuses: Map<number, number>
  readonly sent: number
}

/** Sends `count` GET requests for `paths` in turn. Ends early, with what came until then, where the other side closes. */
export async function sendLoad(
  port: number,
  host: string,
  paths: readonly string[],
  count: number,
  { connections = 8, depth = 16, onAnswer = (): unknown => undefined } = {},
): Promise<Answered> {
  const statuses = new Map<number, number>()
  let sent = 0
  const run = () =>
    new Promise<void>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let waiting = 0
      let rest = ''
      const send = () => {
        let text = ''
        for (; waiting < depth && sent < count; waiting++, sent++)
          text += `GET ${paths[sent % paths.length]} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
        if (text !== '') socket.write(text)
        else if (waiting === 0) socket.end()
      }
      socket.setEncoding('latin1')
      socket.on('connect', send)
      socket.on('data', (chunk: string) => {
        rest += chunk
        let end = 0
        for (const head of rest.matchAll(/HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g)) {
          const status = Number(head[1])
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          waiting--
          onAnswer()
          end = head.index + head[0].length
        }
        // What is behind the last status line may be the beginning of the next.
        rest = rest.slice(Math.max(end, rest.length - 64))
        send()
      })
      socket.once('error', () => undefined)
      socket.once('close', () => resolve())
    })
  await Promise.all(Array.from({ length: connections }, run))
  return { statuses, sent }
}
