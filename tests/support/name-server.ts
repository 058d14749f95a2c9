import { createSocket, type Socket } from 'node:dgram'

/** What a name server says of a name: its addresses, or a failure by its code (RFC 1035, section 4.1.1). */
export type Zone = Readonly<Record<string, readonly string[] | 'NXDOMAIN' | 'SERVFAIL'>>

const CODES = { NXDOMAIN: 3, SERVFAIL: 2 } as const
const A = 1

/** A small name server over UDP, whose answers a test can change. Names that it does not have are not there. */
export class NameServer {
  zone: Zone
  ttlSeconds = 1
  /** How often each name was asked for by its IPv4 addresses. */
  readonly asked = new Map<string, number>()
  port = 0
  private readonly socket: Socket

  private constructor(zone: Zone) {
    this.zone = zone
    this.socket = createSocket('udp4')
    this.socket.on('message', (query, from) => this.socket.send(this.answer(query), from.port, from.address))
  }

  static async start(zone: Zone): Promise<NameServer> {
    const server = new NameServer(zone)
    await new Promise<void>((resolve) => server.socket.bind(0, '127.0.0.1', resolve))
    server.port = server.socket.address().port
    return server
  }

  close(): void {
    this.socket.close()
  }

  private answer(query: Buffer): Buffer {
    const { name, end } = readName(query)
    const type = query.readUInt16BE(end)
    if (type === A) this.asked.set(name, (this.asked.get(name) ?? 0) + 1)
    const found = this.zone[name] ?? 'NXDOMAIN'
    const addresses = typeof found === 'string' || type !== A ? [] : found
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(0x8180 | (typeof found === 'string' ? CODES[found] : 0), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(addresses.length, 6)
    head.writeUInt32BE(0, 8)
    const question = query.subarray(12, end + 4)
    return Buffer.concat([head, question, ...addresses.map((address) => this.record(address))])
  }

  private record(address: string): Buffer {
    const record = Buffer.alloc(16)
    // The name of the question, by its place.
    record.writeUInt16BE(0xc00c, 0)
    record.writeUInt16BE(A, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt32BE(this.ttlSeconds, 6)
    record.writeUInt16BE(4, 10)
    Buffer.from(address.split('.').map(Number)).copy(record, 12)
    return record
  }
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}
