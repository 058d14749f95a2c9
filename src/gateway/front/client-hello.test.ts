import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { INCOMPLETE, MAX_HELLO_BYTES, readClientHello, UNREADABLE } from './client-hello.ts'

const server = createServer()
before(() => new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve)))
after(() => server.close())

/** What a real client sends first. */
async function firstFlight(options: { servername?: string; ALPNProtocols?: string[]; maxVersion?: 'TLSv1.2' }) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  server.once('connection', (socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', resolve)
  })
  const client = connect({ host: '127.0.0.1', port: address.port, rejectUnauthorized: false, ...options })
  client.on('error', () => client.destroy())
  const flight = await promise
  client.destroy()
  return flight
}

const extension = (type: number, content: Buffer) => Buffer.concat([u16(type), u16(content.length), content])
const u16 = (value: number) => Buffer.of(value >> 8, value & 0xff)
const sniOf = (name: string, type = 0) => {
  const entry = Buffer.concat([Buffer.of(type), u16(name.length), Buffer.from(name, 'latin1')])
  return extension(0, Buffer.concat([u16(entry.length), entry]))
}
function helloWith(...extensions: Buffer[]): Buffer {
  const all = Buffer.concat(extensions)
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32),
    Buffer.of(0, 0, 2, 0x13, 0x01, 1, 0),
    u16(all.length),
    all,
  ])
  return recordOf(Buffer.concat([Buffer.of(1, 0), u16(body.length), body]))
}
const recordOf = (content: Buffer) => Buffer.concat([Buffer.of(0x16, 3, 1), u16(content.length), content])

test('reads what real clients send', async () => {
  const named = await firstFlight({ servername: 'API.Example.com', ALPNProtocols: ['h2', 'http/1.1'] })
  assert.deepEqual(readClientHello(named), {
    serverName: 'api.example.com',
    protocols: ['h2', 'http/1.1'],
    ticketKey: '',
  })
  const old = await firstFlight({ servername: '', maxVersion: 'TLSv1.2' })
  assert.deepEqual(readClientHello(old), { serverName: '', protocols: [], ticketKey: '' })
})

test('every beginning of it is incomplete, and nothing behind it matters', async () => {
  const flight = await firstFlight({ servername: 'a.example' })
  for (let length = 0; length < flight.length; length++)
    assert.equal(readClientHello(flight.subarray(0, length)), INCOMPLETE, `${length} bytes`)
  assert.deepEqual(readClientHello(Buffer.concat([flight, Buffer.from('more')])), {
    serverName: 'a.example',
    protocols: [],
    ticketKey: '',
  })
})

test('a message in many records is one message', async () => {
  const flight = await firstFlight({ servername: 'a.example' })
  const message = flight.subarray(5)
  for (const size of [1, 3, 100]) {
    const records = Array.from({ length: Math.ceil(message.length / size) }, (_, i) =>
      recordOf(message.subarray(i * size, (i + 1) * size)),
    )
    assert.deepEqual(readClientHello(Buffer.concat(records)), { serverName: 'a.example', protocols: [], ticketKey: '' })
  }
})

const cases: readonly [title: string, bytes: Buffer, result: ReturnType<typeof readClientHello>][] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), UNREADABLE],
  ['an alert', Buffer.of(0x15, 3, 3, 0, 2, 2, 0), UNREADABLE],
  ['another message', recordOf(Buffer.of(2, 0, 0, 0)), UNREADABLE],
  ['an empty record', recordOf(Buffer.alloc(0)), UNREADABLE],
  ['another major version', Buffer.of(0x16, 2, 0, 0, 4, 1, 0, 0, 0), UNREADABLE],
  ['a message that is too large', recordOf(Buffer.of(1, 0xff, 0xff, 0xff)), UNREADABLE],
  ['one that is as large as it may be', recordOf(helloOf(MAX_HELLO_BYTES - 4)), INCOMPLETE],
  ['an empty message', recordOf(Buffer.of(1, 0, 0, 0)), UNREADABLE],
  ['no extensions', helloWith(), { serverName: '', protocols: [], ticketKey: '' }],
  ['a name of no host', helloWith(sniOf('a.example', 1)), { serverName: '', protocols: [], ticketKey: '' }],
  ['a name that is none', helloWith(sniOf('a b\0')), { serverName: '', protocols: [], ticketKey: '' }],
  ['an extension that is cut off', helloWith(Buffer.of(0, 0, 0, 9, 0)), UNREADABLE],
  ['a list of names that is longer than it is', helloWith(extension(0, Buffer.of(0, 9, 0))), UNREADABLE],
  [
    'a ticket of TLS 1.2',
    helloWith(extension(35, Buffer.from('the name of keys and more'))),
    { serverName: '', protocols: [], ticketKey: 'the name of keys' },
  ],
  ['a wish for a ticket', helloWith(extension(35, Buffer.of())), { serverName: '', protocols: [], ticketKey: '' }],
  [
    'a ticket of TLS 1.3, of several',
    helloWith(extension(41, psksOf('the name of keys and more', 'something else, as long'))),
    { serverName: '', protocols: [], ticketKey: 'the name of keys' },
  ],
  [
    'a key of another kind',
    helloWith(extension(41, psksOf('short'))),
    { serverName: '', protocols: [], ticketKey: '' },
  ],
  ['a ticket that is cut off', helloWith(extension(41, Buffer.of(0, 9, 0, 7, 0))), UNREADABLE],
  ['a protocol that is cut off', helloWith(extension(16, Buffer.of(0, 2, 9, 0x68))), UNREADABLE],
]
for (const [title, bytes, result] of cases)
  test(`${title}: ${JSON.stringify(result)}`, () => assert.deepEqual(readClientHello(bytes), result))

function helloOf(length: number): Buffer {
  return Buffer.of(1, length >> 16, (length >> 8) & 0xff, length & 0xff)
}

function psksOf(...identities: readonly string[]): Buffer {
  const all = identities.map((one) => Buffer.concat([u16(one.length), Buffer.from(one), Buffer.alloc(4)]))
  const list = Buffer.concat(all)
  return Buffer.concat([u16(list.length), list, u16(0)])
}

test('no bytes break it', () => {
  const tickets = [extension(35, Buffer.alloc(20)), extension(41, psksOf('a ticket, or something like it'))]
  const whole = helloWith(sniOf('a.example'), extension(16, Buffer.from('\0\x03\x02h2')), ...tickets)
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255))
    .map(([at, value]) => Buffer.from(whole.map((byte, i) => (i === at ? value : byte))))
  fc.assert(
    fc.property(
      fc.oneof(
        damaged,
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        const result = readClientHello(bytes)
        assert.ok(typeof result === 'string' || typeof result.serverName === 'string')
      },
    ),
  )
})
