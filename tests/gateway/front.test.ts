import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { deployDesign } from '../support/design.ts'
import { exchangeOver, get, openTls, plainExchange } from '../support/https.ts'
import { startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** Behind a balancer, on a Unix socket, by IPv6; and clients that never come to the end of a handshake. */

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
/** A binary header that says 192.0.2.9. */
const BINARY = Buffer.concat([SIGNATURE, Buffer.from('2111000cc0000209c633640a1f9001bb', 'hex')])
const LINE = 'PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\r\n'
const MAX_HANDSHAKES = 5

let behind: Turnpike
let direct: Turnpike
const socketPath = join(temporaryFolder(), 'gateway.sock')
before(async () => {
  const limits = ['--workers', '1', '--handshake-timeout', '2', '--max-handshakes', String(MAX_HANDSHAKES)]
  const all = ['--gateway-host', '::', '--gateway-socket', socketPath, '--trusted-proxies', 'unix']
  ;[behind, direct] = await Promise.all([
    startTurnpike({ args: [...limits, '--proxy-protocol', '127.0.0.0/8'] }),
    startTurnpike({ args: [...limits, ...all] }),
  ])
  const methods = { GET: { backend: { kind: 'mock', body: '<${request.clientIp} ${request.scheme}>' } } }
  for (const turnpike of [behind, direct]) await deployDesign(turnpike, 'who', { '/': { methods } })
})
after(() => Promise.all([behind.stop(), direct.stop()]))

const request = get('who.localhost')
const told = (answer: string) => /<(.*)>/.exec(answer)?.[1]
const local = (port: number) => ({ host: '127.0.0.1', port })

describe('a balancer that says whom it speaks for', () => {
  const headers: readonly [string, Buffer, address: string | undefined][] = [
    ['a line', Buffer.from(LINE), '192.0.2.7'],
    ['a binary header', BINARY, '192.0.2.9'],
    ['itself', Buffer.concat([SIGNATURE, Buffer.from('20000000', 'hex')]), '127.0.0.1'],
    ['nobody', Buffer.from('PROXY UNKNOWN\r\n'), '127.0.0.1'],
    ['no header', Buffer.alloc(0), undefined],
    ['a broken line', Buffer.from('PROXY TCP4 192.0.2.7\r\n'), undefined],
    ['a broken binary header', Buffer.concat([SIGNATURE, Buffer.from('41110000', 'hex')]), undefined],
    ['two headers', Buffer.from(LINE + LINE), undefined],
  ]
  for (const [title, header, address] of headers) {
    test(`${title}: ${address ?? 'the connection ends'}`, async () => {
      const answer = await plainExchange(local(behind.gatewayPort), Buffer.concat([header, Buffer.from(request)]))
      assert.equal(told(answer), address && `${address} http`)
    })

    test(`${title}, before TLS: ${address ?? 'the connection ends'}`, async () => {
      assert.equal(told(await overTls(behind.tlsPort, header)), address && `${address} https`)
    })
  }

  test('byte by byte', async () => {
    const socket = connect(local(behind.gatewayPort))
    socket.setNoDelay(true)
    await once(socket, 'connect')
    for (const byte of Buffer.concat([BINARY, Buffer.from(request)])) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(told(await restOf(socket)), '192.0.2.9 http')
  })

  test('is believed only where it is one', async () => {
    assert.match(await plainExchange(local(direct.gatewayPort), LINE + request), /^HTTP\/1\.1 400 /)
    assert.equal(told(await overTls(direct.tlsPort, Buffer.from(LINE))), undefined)
  })

  test('that stops in the middle has its time, and no more', async () => {
    for (const port of [behind.gatewayPort, behind.tlsPort])
      assert.equal(await plainExchange(local(port), LINE.slice(0, 20)), '')
  })
})

/** A header, and then a request over TLS behind it. Empty where no handshake comes of it. */
async function overTls(port: number, header: Buffer): Promise<string> {
  const plain = connect(local(port))
  plain.on('error', () => plain.destroy())
  await once(plain, 'connect')
  plain.write(header)
  const socket = connectTls({ socket: plain, servername: 'who.localhost', rejectUnauthorized: false })
  const { promise, resolve } = Promise.withResolvers<string>()
  plain.once('close', () => resolve(''))
  socket.on('error', () => resolve(''))
  socket.once('secureConnect', () => resolve(exchangeOver(socket, request)))
  return promise
}

async function restOf(socket: Socket): Promise<string> {
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  await once(socket, 'close')
  return received
}

describe('other ways in', () => {
  test('a Unix socket, whose peers speak for clients if they are trusted', async () => {
    assert.equal(told(await plainExchange({ path: socketPath }, request)), 'unix: http')
    const claim = get('who.localhost', '/', 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https')
    assert.equal(told(await plainExchange({ path: socketPath }, claim)), '192.0.2.1 https')
    assert.equal(told(await plainExchange(local(direct.gatewayPort), claim)), '127.0.0.1 http')
  })

  test('IPv6, and IPv4 beside it on the same port', async (context) => {
    const hasIpv6 = await plainExchange({ host: '::1', port: direct.gatewayPort }, request).catch(() => null)
    if (hasIpv6 === null) return context.skip('this machine has no IPv6')
    assert.equal(told(hasIpv6), '::1 http')
    assert.equal(told(await plainExchange(local(direct.gatewayPort), request)), '127.0.0.1 http')
    const socket = await openTls(direct.tlsPort, { host: '::1', servername: 'who.localhost' })
    assert.equal(told(await exchangeOver(socket, request)), '::1 https')
  })

  test('a Unix socket that a killed run has left behind is taken over', async () => {
    await direct.kill()
    direct = await direct.again()
    assert.equal(told(await plainExchange({ path: socketPath }, request)), 'unix: http')
  })
})

describe('handshakes that never end', () => {
  test('have their time; as long as there are as many as may be, more are closed at once', async () => {
    // The last bytes of a message that is never whole.
    const half = Buffer.from('160301020001000201', 'hex')
    const stalled = await Promise.all(
      Array.from({ length: MAX_HANDSHAKES }, async () => {
        const socket = connect(local(direct.tlsPort))
        socket.on('error', () => socket.destroy())
        await once(socket, 'connect')
        socket.write(half)
        return { socket, closed: once(socket, 'close') }
      }),
    )
    assert.equal(told(await plainExchange(local(direct.gatewayPort), request)), '127.0.0.1 http')
    // One more is closed at once, or, on a slow machine, finds that the others have had their time.
    const more = await openTls(direct.tlsPort, { servername: 'who.localhost' }).catch(() => null)
    assert.ok(more === null || stalled.some(({ socket }) => socket.destroyed))
    more?.destroy()
    await Promise.all(stalled.map(({ closed }) => closed))
    const socket = await openTls(direct.tlsPort, { servername: 'who.localhost' })
    assert.equal(told(await exchangeOver(socket, request)), '127.0.0.1 https')
  })
})
