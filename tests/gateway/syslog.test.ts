import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { linesOf } from '../../src/gateway/access-log/fake-lines.ts'
import { SyslogWriter } from '../../src/gateway/access-log/syslog-writer.ts'
import type { SyslogSettings } from '../../src/plugins/log-sinks.ts'
import { requireCommands } from '../support/commands.ts'

const NOW = Date.UTC(2026, 10, 26, 12)
const settings: SyslogSettings = {
  host: '127.0.0.1',
  port: 514,
  transport: 'udp',
  facility: 'local0',
  appName: 'turnpike',
}
/** As they come: the severity in front. */
const lines = [linesOf('6{"a":1}', '3{"b":"two words"}'), linesOf('4{}')]
const messages = ['134', '131', '132'].map(
  (priority, i) =>
    `<${priority}>1 2026-11-26T12:00:00.000Z gate 4711 access - ${['{"a":1}', '{"b":"two words"}', '{}'][i]}`,
)
const expected = messages.map((message) => message.replace('gate ', 'gate turnpike '))

function writerOf(t: TestContext, changes: Partial<SyslogSettings>, clock = { now: NOW }): SyslogWriter {
  const writer = new SyslogWriter({
    settings: { ...settings, ...changes },
    hostName: 'gate',
    processId: 4711,
    now: () => clock.now,
  })
  t.after(() => writer.close())
  return writer
}

/** What a stream of octet-counted messages says (RFC 6587, section 3.4.1). */
function unframed(bytes: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at)
    const length = Number(bytes.toString('latin1', at, space))
    if (space === -1 || !(length > 0) || space + 1 + length > bytes.length) break
    found.push(bytes.toString('latin1', space + 1, space + 1 + length))
    at = space + 1 + length
  }
  return found
}

/** Collects what comes over connections. */
class Taker {
  bytes = Buffer.alloc(0)
  readonly sockets = new Set<Socket>()
  private wake = () => {}

  readonly take = (socket: Socket) => {
    this.sockets.add(socket)
    // A writer that gives up resets its connection: what has come before is what counts.
    socket.on('error', () => socket.destroy())
    socket.on('data', (part: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, part])
      this.wake()
    })
  }

  async messages(count: number): Promise<string[]> {
    while (unframed(this.bytes).length < count)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    return unframed(this.bytes)
  }
}

async function listening(t: TestContext, server: ReturnType<typeof createServer>, taker: Taker): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of taker.sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe('messages of RFC 5424', () => {
  test('by UDP: a datagram each', async (t) => {
    const socket = createSocket('udp4')
    const taken: string[] = []
    const all = new Promise<void>((resolve) =>
      socket.on('message', (message) => {
        taken.push(message.toString('latin1'))
        if (taken.length === 3) resolve()
      }),
    )
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    t.after(() => socket.close())
    const writer = writerOf(t, { port: socket.address().port })
    assert.deepEqual(await writer.write(lines), { lost: 0, trouble: null })
    await all
    assert.deepEqual(taken, expected)
    const large = await writer.write([linesOf(`6${'x'.repeat(70_000)}`, '6short')])
    assert.equal(large.lost, 1)
    assert.match(large.trouble ?? '', /does not fit into a datagram/)
  })

  test('by TCP, with their lengths in front', async (t) => {
    const taker = new Taker()
    const port = await listening(t, createServer(taker.take), taker)
    assert.deepEqual(await writerOf(t, { port, transport: 'tcp' }).write(lines), { lost: 0, trouble: null })
    assert.deepEqual(await taker.messages(3), expected)
  })

  test('by TLS, from a receiver that is who it should be', { skip: requireCommands(['openssl']) }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnpike-tls-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
      ],
      { stdio: 'ignore' },
    )
    const taker = new Taker()
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, taker.take)
    server.on('tlsClientError', () => undefined)
    const port = await listening(t, server, taker)
    const trusting = writerOf(t, { host: 'localhost', port, transport: 'tls', ca: readFileSync(cert, 'utf8') })
    assert.deepEqual(await trusting.write(lines), { lost: 0, trouble: null })
    assert.deepEqual(await taker.messages(3), expected)
    const doubting = await writerOf(t, { host: 'localhost', port, transport: 'tls' }).write(lines)
    assert.equal(doubting.lost, 3)
    assert.match(doubting.trouble ?? '', /self-signed certificate/)
  })
})

describe('a receiver that is gone', () => {
  test('is connected to again, but not at every line', async (t) => {
    const taker = new Taker()
    const server = createServer(taker.take)
    const port = await listening(t, server, taker)
    const clock = { now: NOW }
    const writer = writerOf(t, { port, transport: 'tcp' }, clock)
    await writer.write([linesOf('6one')])
    await taker.messages(1)
    // Gone: the connection and the port.
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of taker.sockets) socket.destroy()
    })
    let lost = 0
    while (lost === 0) ({ lost } = await writer.write([linesOf('6two')]))
    const again = createServer(taker.take)
    t.after(() => again.close())
    await new Promise<void>((resolve) => again.listen(port, '127.0.0.1', resolve))
    const early = await writer.write([linesOf('6three')])
    assert.equal(early.lost, 1)
    assert.match(early.trouble ?? '', new RegExp(`127\\.0\\.0\\.1:${port} does not take lines`))
    clock.now += 60_000
    assert.deepEqual(await writer.write([linesOf('6four')]), { lost: 0, trouble: null })
    const taken = await taker.messages(2)
    assert.ok(taken.at(-1)?.endsWith(' four'), taken.join('\n'))
  })

  test('is a metadata address', async (t) => {
    for (const transport of ['udp', 'tcp', 'tls'] as const) {
      const { lost, trouble } = await writerOf(t, { host: '169.254.169.254', transport }).write([linesOf('6x')])
      assert.equal(lost, 1)
      assert.match(trouble ?? '', /link-local or metadata/)
    }
  })
})
