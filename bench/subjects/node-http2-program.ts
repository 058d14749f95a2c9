import { constants, createServer, type ServerHttp2Stream } from 'node:http2'
import { connect, type Socket } from 'node:net'

/**
 * `node node-http2-program.ts PORT UPSTREAM_PORT`: the least that a proxy on `node:http2` must do. Its backend side is as cheap
 * as can be (plain sockets, answers with a length, read in one piece), so that what is measured is `node:http2`.
 */
const [, , port, upstreamPort] = process.argv

const OWN = new Set(['connection', 'keep-alive', 'transfer-encoding'])
const idle: Upstream[] = []

class Upstream {
  private readonly socket: Socket
  private stream: ServerHttp2Stream | null = null
  private text = ''

  constructor() {
    this.socket = connect({ host: '127.0.0.1', port: Number(upstreamPort), noDelay: true })
    this.socket.setEncoding('latin1').on('data', (part: string) => this.read(part))
  }

  send(stream: ServerHttp2Stream, head: string): void {
    this.stream = stream
    this.socket.write(head, 'latin1')
  }

  private read(part: string): void {
    this.text += part
    const end = this.text.indexOf('\r\n\r\n')
    if (end === -1 || this.stream === null) return
    const [statusLine = '', ...lines] = this.text.slice(0, end).split('\r\n')
    const headers: Record<string, string | number> = {
      [constants.HTTP2_HEADER_STATUS]: Number(statusLine.slice(9, 12)),
    }
    for (const line of lines) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      if (!OWN.has(name)) headers[name] = line.slice(colon + 1).trim()
    }
    const body = this.text.slice(end + 4)
    if (body.length < Number(headers['content-length'])) return
    const { stream } = this
    this.text = ''
    this.stream = null
    idle.push(this)
    // Whoever asked may have gone meanwhile, as at the end of each round.
    if (stream.destroyed || stream.closed) return
    stream.respond(headers)
    stream.end(body, 'latin1')
  }
}

const server = createServer()
server.on('stream', (stream: ServerHttp2Stream, headers) => {
  let head = `${headers[':method']} ${headers[':path']} HTTP/1.1\r\nHost: ${headers[':authority']}\r\n`
  for (const name in headers) if (!name.startsWith(':')) head += `${name}: ${headers[name]}\r\n`
  const upstream = idle.pop() ?? new Upstream()
  upstream.send(stream, `${head}\r\n`)
})
server.listen({ host: '127.0.0.1', port: Number(port) })
