import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { defaultBackendLimits } from '../../src/gateway/backend/pool.ts'
import { defaultClientLimits } from '../../src/gateway/http1/connection.ts'
import { defaultHeadLimits } from '../../src/gateway/http1/head.ts'
import { Supervisor } from '../../src/gateway/supervisor.ts'
import { freeze } from '../../src/snapshot/hash.ts'
import { plainFront } from '../support/front.ts'
import { RawBackend, RawClient, rawRequest, response, statuses } from '../support/raw.ts'
import { deployProxy, freePort, type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The data plane while things change around it: deployments, workers that die, a program that stops. */

const get = (host: string, path = '/a') => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

/** Keeps calling until told to stop, over connections that are kept; counts what was not 200. */
function callers(port: number, host: string, count: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  const failures: string[] = []
  let calls = 0
  let isOver = false
  const callOne = () =>
    new Promise<void>((resolve) => {
      const outgoing = request({ agent, port, host: '127.0.0.1', path: '/a', headers: { host } }, (answer) => {
        if (answer.statusCode !== 200) failures.push(`status ${answer.statusCode}`)
        answer.resume().once('end', resolve)
      })
      outgoing.once('error', (error) => {
        failures.push(error.message)
        resolve()
      })
      outgoing.end()
    })
  const loops = Array.from({ length: count }, async () => {
    while (!isOver) {
      await callOne()
      calls++
    }
  })
  return {
    failures,
    get calls() {
      return calls
    },
    async stop() {
      isOver = true
      await Promise.all(loops)
      agent.destroy()
    },
  }
}

describe('the program', () => {
  let turnpike: Turnpike
  let backend: Server
  let backendUrl: string
  before(async () => {
    backend = createServer((_, answer) => answer.end('ok'))
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
    backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
    turnpike = await startTurnpike({ args: ['--workers', '2', '--drain-timeout', '5'] })
    await deployProxy(turnpike, 'busy', backendUrl)
  })
  after(async () => {
    await turnpike.stop()
    backend.close()
  })

  test('deploys a hundred times under load, and not one request fails', async () => {
    const load = callers(turnpike.gatewayPort, 'busy.localhost', 8)
    for (let i = 0; i < 100; i++) {
      await turnpike.api('PATCH', '/services/busy/stages/live', { variables: { revision: String(i) } })
      const { status } = await turnpike.api('POST', '/services/busy/stages/live/deployments', {})
      assert.equal(status, 201)
    }
    await load.stop()
    assert.deepEqual(load.failures, [])
    assert.ok(load.calls > 100, `${load.calls} calls`)
  })

  test('a deployment is live on every worker when it is said to be', async () => {
    const { body: service } = await turnpike.api('POST', '/services', { name: 'flip' })
    const root = (await turnpike.api('GET', `/services/${service.id}/resources`)).body.items?.[0]?.id
    const { body: method } = await turnpike.api('POST', `/services/flip/resources/${root}/methods`, {
      verb: 'GET',
      backend: { kind: 'mock', body: '0' },
    })
    await turnpike.api('POST', '/services/flip/stages', { name: 'live', isDefault: true })
    for (let i = 1; i <= 20; i++) {
      await turnpike.api('PATCH', `/services/flip/methods/${method.id}`, { backend: { kind: 'mock', body: String(i) } })
      await turnpike.api('POST', '/services/flip/stages/live/deployments', { apply: true })
      // New connections, which the system spreads over the workers.
      for (let call = 0; call < 8; call++) {
        const answer = await rawRequest(
          turnpike.gatewayPort,
          `GET / HTTP/1.1\r\nHost: flip.localhost\r\nConnection: close\r\n\r\n`,
        )
        assert.ok(answer.endsWith(`\r\n\r\n${i}`), answer)
      }
    }
  })

  test('counts what it has served, by method', async () => {
    const service = await deployProxy(turnpike, 'counted', backendUrl)
    const { body: tree } = await turnpike.api('GET', `/services/${service}/resources`)
    const resources = tree.items as unknown as { path: string; methods: { id: string }[] }[]
    const methodId = resources.find(({ path }) => path === '/{path+}')?.methods[0]?.id ?? ''
    for (let i = 0; i < 5; i++)
      await rawRequest(turnpike.gatewayPort, `GET /a HTTP/1.1\r\nHost: counted.localhost\r\nConnection: close\r\n\r\n`)
    let counts: Json | undefined
    for (const end = Date.now() + 60_000; Date.now() < end && Number(counts?.calls ?? 0) < 5; )
      counts = (await turnpike.api('GET', '/status')).body.nodes?.[0]?.routes?.[methodId]
    assert.deepEqual(counts, {
      calls: 5,
      byGateway: 0,
      aborted: 0,
      statuses: { '1xx': 0, '2xx': 5, '3xx': 0, '4xx': 0, '5xx': 0 },
      plugins: {},
    })
  })
})

describe('a program that is told to stop', () => {
  test('finishes what is under way, takes nothing new, and ends with 0', async () => {
    const backend = await RawBackend.start()
    const turnpike = await startTurnpike({ args: ['--workers', '1'] })
    await deployProxy(turnpike, 'slow', backend.url)
    const idle = new RawClient(turnpike.gatewayPort).write(get('slow.localhost', '/first'))
    const first = await backend.connection()
    await first.until((text) => text.includes('/first'), 'the first request')
    first.write(response('one'))
    await idle.untilResponses(1)
    const client = new RawClient(turnpike.gatewayPort).write(get('slow.localhost', '/second'))
    await first.until((text) => text.includes('/second'), 'the second request')

    const stopped = turnpike.stop()
    await idle.untilEnd()
    first.write(response('two'))
    const answer = await client.untilEnd()
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*two$/)
    assert.equal(await stopped, 0)
    await assert.rejects(fetch(`http://127.0.0.1:${turnpike.gatewayPort}/`))
    await backend.close()
  })

  test('and started again serves what was live', async () => {
    const backend = await RawBackend.start()
    backend.answer = (connection) => connection.write(response('ok'))
    const turnpike = await startTurnpike({ args: ['--workers', '1'] })
    await deployProxy(turnpike, 'again', backend.url)
    await turnpike.kill()
    const restarted = await turnpike.again()
    assert.doesNotMatch(restarted.output(), /Admin token/)
    const answer = await rawRequest(
      restarted.gatewayPort,
      'GET /a HTTP/1.1\r\nHost: again.localhost\r\nConnection: close\r\n\r\n',
    )
    assert.deepEqual(statuses(answer), [200])
    await restarted.stop()
    await backend.close()
  })
})

describe('workers', () => {
  const log: string[] = []
  let supervisor: Supervisor
  let port: number
  const snapshot = (body: string, plugin = 'mock') =>
    freeze({
      format: 1,
      stage: { id: 'stage', service: 'w', name: 'live', hosts: ['w.localhost'], variables: {} },
      backends: {},
      responses: {},
      routes: [
        {
          id: 'route',
          pattern: '/a',
          method: 'GET',
          // What the second test makes of it is a plugin that no gateway has.
          plugins: [{ plugin: plugin as 'mock', config: { status: 200, headers: {}, body } }],
          backend: null,
        },
      ],
    })
  const call = () => rawRequest(port, 'GET /a HTTP/1.1\r\nHost: w.localhost\r\nConnection: close\r\n\r\n')
  const supervisorOn = (at: number) =>
    new Supervisor(
      {
        workers: 2,
        front: plainFront(at),
        trustedProxies: [],
        permissions: { socketFolders: [] },
        dnsServers: [],
        node: { id: 'n1', name: 'node' },
        secretKey: randomBytes(32).toString('base64'),
        maxKeys: 1_000,
        logFolder: '',
        recentRequests: 100,
        maxConnections: 100,
        client: { ...defaultHeadLimits, ...defaultClientLimits },
        backend: defaultBackendLimits,
      },
      { warn: (line) => log.push(line), error: (line) => log.push(line) },
    )
  before(async () => {
    port = await freePort()
    supervisor = supervisorOn(port)
    await supervisor.start([snapshot('first')])
  })
  after(() => supervisor.stop(1000))

  test('one that dies is started again with what is live, and the others serve meanwhile', async () => {
    await supervisor.publish(snapshot('second'))
    await supervisor.killWorker(0)
    assert.match(await call(), /second$/)
    for (const end = Date.now() + 60_000; Date.now() < end && supervisor.status().workers[0]?.state !== 'ready'; )
      await new Promise((resolve) => setTimeout(resolve, 10))
    const [restarted] = supervisor.status().workers
    assert.deepEqual([restarted?.state, restarted?.restarts], ['ready', 1])
    for (let i = 0; i < 16; i++) assert.match(await call(), /second$/)
    assert.match(log.join('\n'), /worker 0 has ended and is started again/)
  })

  test('a deployment while one is down is live on it too, once it is back', async () => {
    const killed = supervisor.killWorker(1)
    await supervisor.publish(snapshot('third'))
    await killed
    for (let i = 0; i < 16; i++) assert.match(await call(), /third$/)
  })

  test('a snapshot that they cannot run is refused by all, and what ran before goes on', async () => {
    await assert.rejects(supervisor.publish(snapshot('fourth', 'nothing')), /the plugin "nothing"/)
    for (let i = 0; i < 16; i++) assert.match(await call(), /third$/)
  })

  test('a start waits for one that dies in the middle of it', async () => {
    const another = supervisorOn(await freePort())
    const started = another.start([snapshot('first')])
    while (another.status().workers.length < 2) await new Promise((resolve) => setImmediate(resolve))
    await another.killWorker(0)
    await started
    assert.deepEqual(
      another.status().workers.map(({ state }) => state),
      ['ready', 'ready'],
    )
    await another.stop(1000)
  })

  test('a stage that is taken off is gone', async () => {
    await supervisor.withdraw('stage')
    assert.deepEqual(statuses(await call()), [404])
  })
})
