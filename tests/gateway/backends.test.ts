import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { Agent, createServer, type RequestListener, request, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createRawServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { Authority } from '../support/backend-certificates.ts'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { type Fault, FaultyProxy } from '../support/faulty-proxy.ts'
import { NameServer } from '../support/name-server.ts'
import { RawClient, statuses } from '../support/raw.ts'
import { runTurnpike, startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** Backends that fail, move and fill up, through the real program with two workers. */

const skip = requireCommands(['openssl'])
const WAIT_MS = 20_000
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

let turnpike: Turnpike
let names: NameServer
const sockets = temporaryFolder()
const allowed = join(sockets, 'allowed')
mkdirSync(allowed)
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const servers: Server[] = []
const proxies: FaultyProxy[] = []

before(async () => {
  names = await NameServer.start({})
  turnpike = await startTurnpike({
    args: [
      ...['--workers', '2', '--backend-timeout', '1', '--backend-connect-timeout', '2'],
      ...['--dns-servers', `127.0.0.1:${names.port}`, '--unix-backends', allowed],
    ],
  })
})
after(async () => {
  agent.destroy()
  await turnpike.stop()
  names.close()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  for (const proxy of proxies) await proxy.kill().catch(() => undefined)
})

async function serve(listener: RequestListener, at: object = { host: '127.0.0.1', port: 0 }): Promise<Server> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(at, resolve))
  return server
}

const portOf = (server: Server) => (server.address() as AddressInfo).port
const urlOf = (server: Server) => `http://127.0.0.1:${portOf(server)}`
const says =
  (text: string): RequestListener =>
  (_, answer) =>
    answer.end(text)

interface Answer {
  readonly status: number
  readonly body: string
  readonly isWhole: boolean
}

/** One request to a service; a broken answer is told, not thrown. */
function ask(
  service: string,
  { method = 'GET', headers = {} as Record<string, string>, body = '' } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const call = request({
      agent,
      port: turnpike.gatewayPort,
      method,
      path: '/a',
      headers: { host: `${service}.localhost`, ...headers },
    })
    call.on('error', () => resolve({ status: 0, body: '', isWhole: false }))
    call.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', () => undefined)
      response.on('close', () => resolve({ status: response.statusCode ?? 0, body: text, isWhole: response.complete }))
    })
    call.end(body)
  })
}

const deploy = (name: string, backend: object) =>
  deployDesign(turnpike, name, { '/a': { methods: { ANY: {} } } }, { backend })

async function redeploy(name: string, backend: object): Promise<void> {
  await call(turnpike, 'PATCH', `/services/${name}/stages/live`, { backend })
  await call(turnpike, 'POST', `/services/${name}/stages/live/deployments`, {})
}

interface Target {
  readonly url: string
  readonly state: string
  readonly reason: string | null
  readonly ejections: number
  readonly requests: number
  readonly lastCheck: { readonly result: string } | null
}

async function targetsOf(name: string): Promise<Target[]> {
  const answer = await call(turnpike, 'GET', `/services/${name}/stages/live/backends`)
  const { nodes } = answer as unknown as { nodes: { backends: { targets: Target[] }[] }[] }
  return nodes[0]?.backends[0]?.targets ?? []
}

/** Looks until it is so. */
async function until<T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
  const tooLate = Date.now() + WAIT_MS
  for (;;) {
    const found = await look()
    if (isSo(found)) return found
    if (Date.now() > tooLate) assert.fail(`waited in vain; last seen: ${JSON.stringify(found)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a target that fails', () => {
  let proxy: FaultyProxy
  let wire = ''
  before(async () => {
    const backend = await serve(says('from the faulty one'))
    proxy = await FaultyProxy.start(portOf(backend))
    proxies.push(proxy)
    const good = await serve(says('from the good one'))
    await deploy('faults', { targets: [{ url: proxy.url }, { url: urlOf(good) }] })
    wire = await rawAnswer(portOf(backend))
  })

  /** Asks until the faulty target has been tried. */
  async function tried(method = 'GET'): Promise<Answer> {
    for (let i = 0; i < 8; i++) {
      const before = proxy.connections
      const answer = await ask('faults', { method })
      if (proxy.connections > before) return answer
    }
    assert.fail('the faulty target was never tried')
  }

  test('a reset at any byte of the answer is made good by the other, as long as none of it has gone out', async () => {
    const head = wire.indexOf('\r\n\r\n') + 4
    for (let at = 0; at < wire.length; at += at < head - 1 ? 7 : 1) {
      proxy.fault = { kind: 'reset', after: at }
      const { status, isWhole, body } = await tried()
      if (at < head) assert.deepEqual([status, body], [200, 'from the good one'], `byte ${at}`)
      else assert.ok(!isWhole || body === 'from the good one', `byte ${at}: ${body}`)
    }
  })

  const cases: readonly [what: string, fault: Fault, method: string, expected: string][] = [
    ['half-closed before a byte', { kind: 'half-close', after: 0 }, 'GET', '200 from the good one'],
    ['half-closed in the head', { kind: 'half-close', after: 20 }, 'PUT', '200 from the good one'],
    ['dripping, byte by byte', { kind: 'drip' }, 'GET', '200 from the faulty one'],
    ['garbage', { kind: 'garbage', bytes: 'SSH-2.0-OpenSSH\r\n' }, 'GET', '502'],
    ['a stall before a byte', { kind: 'stall', after: 0 }, 'GET', '504'],
    ['a stall in the head', { kind: 'stall', after: 30 }, 'GET', '504'],
    ['a reset of what must not be sent twice', { kind: 'reset', after: 0 }, 'POST', '502'],
  ]
  for (const [what, fault, method, expected] of cases) {
    test(`${what}: ${method} is answered ${expected}`, async () => {
      proxy.fault = fault
      const { status, body } = await tried(method)
      assert.equal(status < 300 ? `${status} ${body}` : String(status), expected)
    })
  }

  test('one that refuses connections is passed by, with every method', async () => {
    proxy.fault = { kind: 'none' }
    await proxy.kill()
    for (const method of ['GET', 'POST', 'GET', 'POST'])
      assert.deepEqual((await ask('faults', { method, body: method === 'POST' ? 'a' : '' })).body, 'from the good one')
    await proxy.restore()
  })

  test('killed under load, with another that is healthy: no idempotent request fails', async () => {
    proxy.fault = { kind: 'none' }
    const answers: Answer[] = []
    let isOver = false
    const load = Array.from({ length: 24 }, async () => {
      while (!isOver) answers.push(await ask('faults'))
    })
    for (let round = 0; round < 3; round++) {
      await until(
        async () => answers.length,
        (count) => count > 300 * (round + 1),
      )
      await proxy.kill()
      const during = answers.length
      await until(
        async () => answers.length,
        (count) => count > during + 100,
      )
      await proxy.restore()
    }
    isOver = true
    await Promise.all(load)
    assert.deepEqual(
      answers.filter(({ status }) => status !== 200),
      [],
    )
  })
})

describe('health', () => {
  test('failures take a target out for all workers, it stays out through a deployment, and comes back', async () => {
    let isBroken = true
    const broken = await serve((_, answer) => {
      answer.statusCode = isBroken ? 503 : 200
      answer.end('first')
    })
    const other = await serve(says('second'))
    const backend = {
      targets: [{ url: urlOf(broken) }, { url: urlOf(other) }],
      health: { passive: { consecutive: 3, ejection: 8 } },
    }
    await deploy('passive', backend)
    await until(
      () => ask('passive').then(() => targetsOf('passive')),
      ([first]) => first?.state === 'ejected',
    )
    const [first] = await targetsOf('passive')
    assert.equal(first?.reason, 'it answered 503')
    const told = await runTurnpike(['backends', 'passive', '--url', managementUrl(), '--token', turnpike.token])
    assert.match(told.stdout, /ejected.*\n/)
    assert.match(told.stdout, /is left out since .*: it answered 503\./)

    await call(turnpike, 'PATCH', '/services/passive/stages/live', { variables: { a: '1' } })
    await call(turnpike, 'POST', '/services/passive/stages/live/deployments', {})
    assert.equal((await targetsOf('passive'))[0]?.ejections, 1)

    isBroken = false
    const back = await until(
      () => Promise.all([ask('passive'), targetsOf('passive')]),
      ([{ body }]) => body === 'first',
    )
    assert.equal(back[1][1]?.state, 'healthy')
  })

  test('a target that has had the whole time is taken out; not one that a client keeps waiting', async () => {
    const mute = await serve(() => undefined)
    const passive = { consecutive: 1, ejection: 300 }
    for (const name of ['late', 'kept-waiting'])
      await deployDesign(
        turnpike,
        name,
        { '/a': { methods: { ANY: { plugins: [{ plugin: 'timeout', config: { response: 60, total: 0.3 } }] } } } },
        { backend: { targets: [{ url: urlOf(mute) }], health: { passive } } },
      )
    const client = new RawClient(turnpike.gatewayPort)
    client.write('PUT /a HTTP/1.1\r\nHost: kept-waiting.localhost\r\nContent-Length: 9\r\n\r\nslow')
    assert.deepEqual(statuses(await client.untilEnd()), [504])
    assert.equal((await targetsOf('kept-waiting'))[0]?.state, 'healthy')
    assert.equal((await ask('late')).status, 504)
    const [target] = await targetsOf('late')
    assert.deepEqual([target?.state, target?.reason], ['ejected', 'it did not answer in time'])
  })

  test('active checks take a target out and bring it back, without a request', async () => {
    let isHealthy = true
    const checked = await serve(({ url, headers }, answer) => {
      answer.statusCode = url === '/up?a=b' && headers.host === 'health.test' && isHealthy ? 204 : 500
      answer.end()
    })
    const other = await serve(says('other'))
    await deploy('active', {
      targets: [{ url: urlOf(checked) }, { url: urlOf(other) }],
      health: {
        active: {
          path: '/up?a=b',
          host: 'health.test',
          statuses: ['204', '200'],
          interval: 0.5,
          timeout: 0.5,
          healthyAfter: 1,
          unhealthyAfter: 2,
        },
      },
    })
    const [first] = await until(
      () => targetsOf('active'),
      (targets) => targets.every(({ lastCheck }) => lastCheck !== null),
    )
    assert.deepEqual([first?.state, first?.lastCheck?.result], ['healthy', 'it answered 204'])
    isHealthy = false
    const [out] = await until(
      () => targetsOf('active'),
      ([target]) => target?.state === 'unhealthy',
    )
    assert.equal(out?.reason, 'it answered 500')
    // In the explanation of a request, too.
    const explainedTargets = async () => {
      const told = new Set<string>()
      for (let i = 0; i < 4; i++) {
        const { backend } = await call(turnpike, 'POST', '/services/active/stages/live/explain', {
          request: { method: 'GET', target: '/a' },
        })
        told.add(String(backend?.url))
      }
      return told
    }
    for (let i = 0; i < 4; i++) assert.equal((await ask('active')).body, 'other')
    assert.deepEqual(await explainedTargets(), new Set([urlOf(other)]))
    isHealthy = true
    await until(
      () => targetsOf('active'),
      ([target]) => target?.state === 'healthy',
    )
    assert.ok((await explainedTargets()).has(urlOf(checked)))
  })

  test('where all are out and none may be used, the answer is 503', async () => {
    const { port } = await FaultyProxy.start(1).then(async (proxy) => {
      await proxy.kill()
      return proxy
    })
    await deploy('none', {
      targets: [{ url: `http://127.0.0.1:${port}` }],
      health: { active: { kind: 'tcp', interval: 0.5, timeout: 0.5, unhealthyAfter: 1 }, panicPercent: 0 },
    })
    const { body } = await until(
      () => ask('none'),
      ({ status }) => status === 503,
    )
    assert.equal(JSON.parse(body).code, 'backend-unavailable')
  })
})

describe('names', () => {
  test('a name that moves takes the requests along; a resolver that fails changes nothing; metadata is out of reach', async () => {
    const first = await serve(says('first'))
    const port = portOf(first)
    const second = await serve(says('second'), { host: '127.0.0.2', port })
    names.zone = { 'moving.test': ['127.0.0.1'] }
    await deploy('moving', { targets: [{ url: `http://moving.test:${port}` }] })
    assert.equal((await ask('moving')).body, 'first')

    names.zone = { 'moving.test': ['127.0.0.2'] }
    await until(
      () => ask('moving'),
      ({ body }) => body === 'second',
    )
    // Connections to the old address are used no more.
    await until(
      () => new Promise<number>((resolve) => first.getConnections((_, count) => resolve(count))),
      (count) => count === 0,
    )

    names.zone = { 'moving.test': 'SERVFAIL' }
    const asked = names.asked.get('moving.test') ?? 0
    await until(
      () => ask('moving'),
      () => (names.asked.get('moving.test') ?? 0) > asked + 1,
    )
    second.closeAllConnections()
    assert.equal((await ask('moving')).body, 'second')

    names.zone = { 'moving.test': ['127.0.0.1', '127.0.0.2'] }
    const seen = new Set<string>()
    await until(
      async () => {
        for (const server of [first, second]) server.closeAllConnections()
        return seen.add((await ask('moving')).body)
      },
      ({ size }) => size === 2,
    )

    names.zone = { 'moving.test': ['169.254.169.254'] }
    await until(
      () => ask('moving'),
      ({ status }) => status === 502,
    )
  })

  test('an address that nobody listens to is passed by for another of the name', async () => {
    const only = await serve(says('here'), { host: '127.0.0.5', port: 0 })
    names.zone = { ...names.zone, 'half.test': ['127.0.0.4', '127.0.0.5'] }
    await deploy('half', { targets: [{ url: `http://half.test:${portOf(only)}` }] })
    for (let i = 0; i < 6; i++) {
      assert.equal((await ask('half', { method: 'POST', body: 'a' })).body, 'here')
      only.closeAllConnections()
    }
  })

  test('a name that is not there: 502', async () => {
    await deploy('nowhere', { targets: [{ url: 'http://nowhere.test' }] })
    assert.equal((await ask('nowhere')).status, 502)
  })
})

describe('TLS', { skip }, () => {
  const folder = temporaryFolder()
  let authority: Authority
  let isClientAsked = false
  let port = 0
  let expiredPort = 0
  const tls = createTlsServer()
  before(async () => {
    authority = new Authority(folder)
    const serveTls = async (pair: { certificate: string; key: string }) => {
      const options = { cert: pair.certificate, key: pair.key, ca: authority.pair.certificate, requestCert: true }
      const server = createTlsServer({ ...options, rejectUnauthorized: false }, (request, answer) => {
        const socket = request.socket as TLSSocket
        isClientAsked = socket.authorized
        answer.end(`${socket.servername} ${socket.authorized ? socket.getPeerCertificate().subject.CN : 'nobody'}`)
      })
      servers.push(server as unknown as Server)
      await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
      return (server.address() as AddressInfo).port
    }
    port = await serveTls(authority.issue('backend', ['DNS:secure.test', 'IP:127.0.0.1']))
    expiredPort = await serveTls(authority.issue('old', ['DNS:secure.test'], -1))
    names.zone = { ...names.zone, 'secure.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] }
  })
  after(() => tls.close())

  test('is verified, unless it is said that it is not to be; a client certificate is shown', async () => {
    const ca = authority.pair.certificate
    const client = authority.issue('the gateway', [])
    const at = (host: string, on = port) => [{ url: `https://${host}:${on}` }]
    const own = { certificate: client.certificate, key: client.key }
    const cases: readonly [what: string, backend: object, expected: string][] = [
      ['by whom nobody trusts', { targets: at('secure.test') }, '502'],
      ['not verified', { targets: at('secure.test'), tls: { verify: false } }, '200 secure.test nobody'],
      ['by our own CA', { targets: at('secure.test'), tls: { ca } }, '200 secure.test nobody'],
      ['by address', { targets: at('127.0.0.1'), tls: { ca } }, '200 false nobody'],
      ['for another name', { targets: at('other.test'), tls: { ca } }, '502'],
      [
        'under the name of another',
        { targets: at('other.test'), tls: { ca, serverName: 'secure.test' } },
        '200 secure.test nobody',
      ],
      ['expired', { targets: at('secure.test', expiredPort), tls: { ca } }, '502'],
      ['with a client certificate', { targets: at('secure.test'), tls: { ca, ...own } }, '200 secure.test the gateway'],
    ]
    await deploy('tls', { targets: at('secure.test') })
    for (const [what, backend, expected] of cases) {
      await redeploy('tls', backend)
      const { status, body } = await ask('tls')
      assert.equal(status === 200 ? `200 ${body}` : String(status), expected, what)
    }
    assert.ok(isClientAsked)

    const mute = createRawServer((socket) => socket.on('error', () => undefined)).unref()
    await new Promise<void>((resolve) => mute.listen({ host: '127.0.0.1', port: 0 }, resolve))
    await redeploy('tls', { targets: at('secure.test', (mute.address() as AddressInfo).port) })
    assert.equal((await ask('tls')).status, 504, 'a handshake that never ends')
    await redeploy('tls', { targets: at('secure.test'), tls: { ca, ...own } })
    mute.close()

    const stage = await call(turnpike, 'GET', '/services/tls/stages/live')
    assert.ok(!JSON.stringify(stage).includes('PRIVATE KEY'), 'the key is not told')
    // What was read keeps the key when it is sent back.
    await redeploy('tls', stage.backend as object)
    assert.equal((await ask('tls')).body, 'secure.test the gateway')
  })
})

describe('where targets may be', () => {
  test('a Unix socket in an allowed folder, with a base path', async () => {
    const path = join(allowed, 'a.sock')
    await serve(({ url, headers }, answer) => answer.end(`${url} ${headers.host}`), { path })
    await deploy('unix', { targets: [{ url: `unix:${path}:/v1` }] })
    assert.equal((await ask('unix')).body, '/v1/a localhost')
  })

  test('not one elsewhere: the deployment fails, and says how it could be allowed', async () => {
    const path = join(allowed, '..', 'b.sock')
    await serve(says('out of reach'), { path })
    for (const url of [`unix:${path}`, `unix:${allowed}/../b.sock`]) {
      const name = `unix${url.length}`
      await call(turnpike, 'POST', '/services', { name })
      await call(turnpike, 'POST', `/services/${name}/stages`, { name: 'live', backend: { targets: [{ url }] } })
      const { body } = await turnpike.api('POST', `/services/${name}/stages/live/deployments`, {})
      assert.match(JSON.stringify(body), /--unix-backends/)
    }
  })

  test('an IPv6 address', { skip: !hasIpv6 && 'this machine has no IPv6' }, async () => {
    const server = await serve(says('six'), { host: '::1', port: 0 })
    await deploy('six', { targets: [{ url: `http://[::1]:${portOf(server)}` }] })
    assert.equal((await ask('six')).body, 'six')
  })
})

describe('many requests at once', () => {
  test('no target gets more than its limit; the others wait their turn, or are answered 503', async () => {
    let underWay = 0
    let most = 0
    const slow = await serve((_, answer) => {
      most = Math.max(most, ++underWay)
      setTimeout(() => {
        underWay--
        answer.end('ok')
      }, 20)
    })
    const targets = [{ url: urlOf(slow) }]
    await deploy('limited', { targets, connections: { limit: 2, queue: 100, queueTimeout: 30 } })
    const waited = await Promise.all(
      Array.from({ length: 24 }, (_, i) => ask('limited', i % 2 ? { method: 'POST', body: 'a' } : {})),
    )
    assert.deepEqual(new Set(waited.map(({ status }) => status)), new Set([200]))
    assert.equal(most, 2)

    await redeploy('limited', { targets, connections: { limit: 2 } })
    most = 0
    const refused = await Promise.all(Array.from({ length: 24 }, () => ask('limited')))
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([200, 503]))
    assert.ok(most <= 2, `${most} at once`)
  })

  test('equal keys go to equal targets, whichever worker has the request', async () => {
    const targets = await Promise.all(['a', 'b', 'c'].map(async (name) => ({ url: urlOf(await serve(says(name))) })))
    await deploy('hashed', { targets, balancing: { method: 'consistent-hash', key: 'header', name: 'X-Tenant' } })
    const goesTo = async (tenant: string) => (await ask('hashed', { headers: { 'x-tenant': tenant } })).body
    const tenants = Array.from({ length: 12 }, (_, i) => `tenant-${i}`)
    const [once, again] = [await Promise.all(tenants.map(goesTo)), await Promise.all(tenants.map(goesTo))]
    assert.deepEqual(again, once)
    assert.ok(new Set(once).size > 1, once.join())
  })
})

const managementUrl = () => `http://127.0.0.1:${turnpike.managementPort}`

/** The bytes of an answer, as they come over the wire. */
async function rawAnswer(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.write('GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}
