import { connect, createServer, type Server, type Socket } from 'node:net'

/** Raw bytes to and from sockets: what HTTP libraries would hide. */

const TIMEOUT_MS = 60_000

/** A client that writes bytes as they are. */
export class RawClient {
  readonly socket: Socket
  /** Everything received so far, as Latin-1. */
  received = ''
  isEnded = false
  private readonly watchers = new Set<() => void>()

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1')
      this.notify()
    })
    for (const event of ['end', 'close'] as const) {
      this.socket.on(event, () => {
        this.isEnded = true
        this.notify()
      })
    }
    // A reset is an end like any other here: the tests look at what came before it.
    this.socket.on('error', () => this.socket.destroy())
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes, 'latin1')
    return this
  }

  /** Waits until `condition` holds of what has been received. */
  async until(condition: (received: string, isEnded: boolean) => boolean, what: string): Promise<string> {
    await waitFor(
      () => condition(this.received, this.isEnded),
      this.watchers,
      () => `${what}; received: ${JSON.stringify(this.received.slice(0, 2000))}`,
    )
    return this.received
  }

  /** Waits until the other side has ended the connection. */
  untilEnd(): Promise<string> {
    return this.until((_, isEnded) => isEnded, 'the end of the connection')
  }

  /** Waits for `count` whole responses that have a Content-Length (or none). */
  untilResponses(count: number): Promise<string> {
    return this.until((text) => countResponses(text) >= count, `${count} responses`)
  }

  close(): void {
    this.socket.destroy()
  }

  private notify(): void {
    for (const watcher of this.watchers) watcher()
  }
}

/** Sends bytes and gives back everything until the server ends the connection. */
export async function rawRequest(port: number, bytes: string): Promise<string> {
  const client = new RawClient(port).write(bytes)
  const answer = await client.untilEnd()
  client.close()
  return answer
}

/** The statuses of all responses in a text, informational ones too. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
}

function countResponses(text: string): number {
  let rest = text
  for (let count = 0; ; count++) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return count
    const length = Number(/content-length: *(\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0)
    if (rest.length < end + 4 + length) return count
    rest = rest.slice(end + 4 + length)
  }
}

async function waitFor(condition: () => boolean, watchers: Set<() => void>, what: () => string): Promise<void> {
  if (condition()) return
  await new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => finish(() => reject(new Error(`waited in vain for ${what()}`))), TIMEOUT_MS)
    const look = () => condition() && finish(resolve)
    const finish = (settle: () => void) => {
      clearTimeout(tooLate)
      watchers.delete(look)
      settle()
    }
    watchers.add(look)
  })
}

/** One connection to the recording backend. */
export class BackendSocket {
  readonly socket: Socket
  received = ''
  isEnded = false
  readonly watchers = new Set<() => void>()

  constructor(socket: Socket) {
    this.socket = socket
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes, 'latin1')
    return this
  }

  until(condition: (received: string, isEnded: boolean) => boolean, what: string): Promise<void> {
    return waitFor(
      () => condition(this.received, this.isEnded),
      this.watchers,
      () => `${what}; received: ${JSON.stringify(this.received)}`,
    )
  }
}

/** A backend that records the bytes of every connection and answers as the test says. */
export class RawBackend {
  readonly connections: BackendSocket[] = []
  /** Called whenever bytes have come: what to answer, if anything. */
  answer: (connection: BackendSocket, received: string) => void = () => undefined
  private readonly server: Server
  private readonly watchers = new Set<() => void>()
  port = 0

  private constructor() {
    this.server = createServer((socket) => {
      const connection = new BackendSocket(socket)
      this.connections.push(connection)
      const notify = () => {
        for (const watcher of [...this.watchers, ...connection.watchers]) watcher()
      }
      socket.on('data', (chunk) => {
        connection.received += chunk.toString('latin1')
        this.answer(connection, connection.received)
        notify()
      })
      socket.on('close', () => {
        connection.isEnded = true
        notify()
      })
      socket.on('error', () => socket.destroy())
      notify()
    })
  }

  static async start(): Promise<RawBackend> {
    const backend = new RawBackend()
    await new Promise<void>((resolve) => backend.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    const address = backend.server.address()
    backend.port = typeof address === 'object' && address !== null ? address.port : 0
    return backend
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** All bytes of all connections. */
  get received(): string {
    return this.connections.map(({ received }) => received).join('')
  }

  /** Forgets what has been recorded and closes what is open. */
  reset(): void {
    for (const { socket } of this.connections.splice(0)) socket.destroy()
    this.answer = () => undefined
  }

  /** Waits for the `n`th connection (from 1). */
  async connection(n = 1): Promise<BackendSocket> {
    await waitFor(
      () => this.connections.length >= n,
      this.watchers,
      () => `connection ${n} to the backend`,
    )
    return this.connections[n - 1] as BackendSocket
  }

  async close(): Promise<void> {
    this.reset()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

/** A response with a body of that length. */
export function response(body: string, head = 'HTTP/1.1 200 OK'): string {
  return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** How many whole heads a text has. */
export function heads(text: string): number {
  return text.split('\r\n\r\n').length - 1
}
