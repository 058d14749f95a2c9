import { connect, createServer, type Server, type Socket } from 'node:net'

/** What the proxy does to an answer; `after` so many bytes of it have gone through. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'reset' | 'stall' | 'half-close'; readonly after: number }
  /** One byte at a time. */
  | { readonly kind: 'drip' }
  /** Other bytes than those of the answer. */
  | { readonly kind: 'garbage'; readonly bytes: string }

/** A proxy before a backend that can be told to fail, byte for byte. */
export class FaultyProxy {
  fault: Fault = { kind: 'none' }
  /** How many connections have come. */
  connections = 0
  port = 0
  private readonly server: Server
  private readonly open = new Set<Socket>()

  private constructor(targetPort: number) {
    this.server = createServer({ allowHalfOpen: true }, (client) => this.accept(client, targetPort))
  }

  static async start(targetPort: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(targetPort)
    await proxy.listen(0)
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Closes everything: from now on connections are refused, until `restore`. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const socket of this.open) socket.resetAndDestroy()
    await closed
  }

  /** Listens again, on the same port. */
  restore(): Promise<void> {
    return this.listen(this.port)
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen({ host: '127.0.0.1', port }, resolve))
    const address = this.server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : 0
  }

  private accept(client: Socket, targetPort: number): void {
    this.connections++
    const upstream = connect({ host: '127.0.0.1', port: targetPort })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.open.add(socket)
      socket.on('close', () => {
        this.open.delete(socket)
        other.destroy()
      })
      // Broken connections are what this is for.
      socket.on('error', () => socket.destroy())
    }
    client.on('data', (chunk) => upstream.write(chunk))
    let passed = 0
    upstream.on('data', (chunk: Buffer) => {
      passed += this.pass(chunk, client, passed)
    })
  }

  /** Passes on what the fault lets through. Returns how many bytes that were. */
  private pass(chunk: Buffer, client: Socket, passed: number): number {
    const { fault } = this
    if (fault.kind === 'none') client.write(chunk)
    else if (fault.kind === 'drip') for (const byte of chunk) client.write(Buffer.of(byte))
    else if (fault.kind === 'garbage') client.end(fault.bytes, 'latin1')
    else {
      const rest = Math.max(0, fault.after - passed)
      const part = chunk.subarray(0, rest)
      const isOver = chunk.length >= rest
      const fail = () => {
        if (!isOver) return
        if (fault.kind === 'reset') client.resetAndDestroy()
        if (fault.kind === 'half-close') client.end()
      }
      if (part.length > 0) client.write(part, fail)
      else fail()
    }
    return chunk.length
  }
}
