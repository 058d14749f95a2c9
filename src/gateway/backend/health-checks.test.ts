import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createNetServer, type Server } from 'node:net'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { newAuthority } from '../../lib/fake-authority.ts'
import type { ActiveHealth, BackendProtocol, BackendTls } from '../../model/backend.ts'
import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import { FakeClock, poolParts } from './fake-parts.ts'
import { createHealthMemory, SlotRegistry } from './health-board.ts'
import { delayOf, HealthChecks } from './health-checks.ts'
import { Pools } from './pool.ts'
import { targetsOf } from './target.ts'

const active: ActiveHealth = {
  kind: 'http',
  method: 'GET',
  path: '/health',
  statuses: ['2xx'],
  interval: 1,
  jitterPercent: 0,
  timeout: 5,
  healthyAfter: 1,
  unhealthyAfter: 1,
}

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

async function listening(server: Server, scheme = 'http'): Promise<string> {
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answering = (listener: RequestListener) => listening(createServer(listener))

/** What a snapshot says of a target beside its address. */
interface TargetExtras {
  readonly protocol?: Exclude<BackendProtocol, 'auto'>
  readonly tls?: BackendTls
}

/** Checks of a target, on a clock that the test moves: nothing goes by the time of the machine. */
function start(url: string, more: Partial<ActiveHealth> = {}, extras: TargetExtras = {}) {
  const clock = new FakeClock()
  const healthMemory = createHealthMemory()
  const snapshot: SnapshotBackend = {
    targets: [url],
    health: { active: { ...active, ...more }, slowStart: 0, panicPercent: 50 },
    ...extras,
  }
  const pools = new Pools(poolParts(clock, { healthMemory }))
  pools.learn(new SlotRegistry(healthMemory).of({ one: snapshot }))
  const [pool] = targetsOf(snapshot).map((settings) => pools.of(settings))
  assert.ok(pool?.health)
  const { health } = pool
  const checks = new HealthChecks(clock.wheel)
  checks.follow(pools.all())
  /** Lets time go by in which something becomes due, by default a check, and waits for what comes of one. */
  const result = async (ms = 1_000) => {
    const before = health.read().check?.atMs
    clock.pass(ms)
    while (health.read().check?.atMs === before) await new Promise((resolve) => setImmediate(resolve))
    const { state, check } = health.read()
    return `${state}: ${check?.result}`
  }
  return { clock, checks, pools, result }
}

describe('a check', () => {
  test('is a request with the method, the path and the host that are said; its status is looked at', async () => {
    const seen: string[] = []
    let status = 204
    const url = await answering(({ method, url: path, headers }, answer) => {
      seen.push(`${method} ${path} ${headers.host}`)
      answer.statusCode = status
      answer.end()
    })
    const { result, checks } = start(url, { method: 'HEAD', path: '/a?b', host: 'a.test' })
    assert.equal(await result(), 'healthy: it answered 204')
    status = 500
    assert.equal(await result(), 'unhealthy: it answered 500')
    status = 200
    assert.equal(await result(), 'healthy: it answered 200')
    assert.deepEqual(new Set(seen), new Set(['HEAD /a?b a.test']))
    checks.follow([])
  })

  const bad: readonly [what: string, url: () => Promise<string>, told: string, more?: Partial<ActiveHealth>][] = [
    ['that nobody listens to', async () => 'http://127.0.0.1:1', 'it could not be connected to'],
    [
      'that is no HTTP',
      () => listening(createNetServer((socket) => socket.end('nonsense\r\n\r\n'))),
      'its answer was not valid HTTP',
    ],
    [
      'that is closed without an answer',
      () => listening(createNetServer((socket) => socket.once('data', () => socket.destroy()))),
      'it closed the connection before it answered',
    ],
    [
      'of a connection that is refused',
      async () => 'http://127.0.0.1:1',
      'it could not be connected to',
      { kind: 'tcp' },
    ],
  ]
  for (const [what, url, told, more] of bad) {
    test(`${what} is a bad one, and tells why`, async () => {
      const { result, checks } = start(await url(), more)
      assert.equal(await result(), `unhealthy: ${told}`)
      checks.follow([])
    })
  }

  test('that takes too long is a bad one, and tells why', async () => {
    const server = createServer()
    const { result, clock, checks } = start(await listening(server), { interval: 60 })
    clock.pass(1_000)
    await once(server, 'request')
    assert.equal(await result(5_000), 'unhealthy: it did not answer in time')
    checks.follow([])
  })

  test('of a connection alone sends nothing', async () => {
    let bytes = 0
    const url = await listening(
      createNetServer((socket) => {
        socket.on('data', (chunk) => {
          bytes += chunk.length
        })
        socket.on('error', () => undefined)
      }),
    )
    const { result, checks } = start(url, { kind: 'tcp' })
    assert.equal(await result(), 'healthy: it accepted a connection')
    assert.equal(bytes, 0)
    checks.follow([])
  })

  test('speaks HTTP/2 to those who speak nothing else', async () => {
    const server = createHttp2Server((_, answer) => {
      answer.writeHead(200)
      answer.end()
    })
    const url = await listening(server as unknown as Server)
    const { result, checks } = start(url, {}, { protocol: 'http2' })
    assert.equal(await result(), 'healthy: it answered 200')
    checks.follow([])
  })
})

describe('a check by TLS, of a target that says nothing of its protocol,', () => {
  const authority = newAuthority()
  const { certificate: cert, key } = authority.issue({ commonName: 'target', names: ['127.0.0.1'] })
  const tls = { ca: authority.certificate, verify: true }
  const [both, one] = [createSecureServer({ cert, key, allowHTTP1: true }), createHttpsServer({ cert, key })]
  const targets: readonly [what: string, server: Server, version: string][] = [
    ['is one of HTTP/2 where that is spoken', both as unknown as Server, '2.0'],
    ['is one of HTTP/2 where nothing else is', createSecureServer({ cert, key }) as unknown as Server, '2.0'],
    ['is one of HTTP/1.1 where that is all', one as unknown as Server, '1.1'],
  ]
  for (const [what, server, version] of targets)
    test(what, async () => {
      const seen: string[] = []
      let status = 200
      server.on('request', (request, answer) => {
        seen.push(`${request.httpVersion} ${request.url} ${request.authority ?? request.headers.host}`)
        answer.writeHead(status)
        answer.end()
      })
      const url = await listening(server, 'https')
      const { result, checks } = start(url, {}, { tls })
      assert.equal(await result(), 'healthy: it answered 200')
      status = 503
      assert.equal(await result(), 'unhealthy: it answered 503')
      assert.deepEqual(new Set(seen), new Set([`${version} /health ${new URL(url).host}`]))
      checks.follow([])
    })

  test('is a bad one where nobody vouches for the target', async () => {
    const url = await listening(createHttpsServer({ cert, key }) as unknown as Server, 'https')
    const { result, checks } = start(url)
    assert.equal(await result(), 'unhealthy: it could not be connected to')
    checks.follow([])
  })
})

test('checks come once in an interval, however often a deployment names their target; and end with it', async () => {
  let count = 0
  const url = await answering((_, answer) => {
    count++
    answer.end()
  })
  const { result, checks, pools, clock } = start(url)
  for (let i = 1; i <= 5; i++) {
    await result()
    checks.follow(pools.all())
    assert.equal(count, i)
  }
  checks.follow([])
  clock.pass(10_000)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(count, 5)
})

test('jitter keeps within its percent', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (jitterPercent, random) => {
        const delay = delayOf({ ...active, interval: 10, jitterPercent }, random)
        assert.ok(Math.abs(delay - 10_000) <= (10_000 * jitterPercent) / 100 + 1e-6)
      },
    ),
  )
})
