import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deployDesign } from '../support/design.ts'
import { RawBackend, RawClient, rawRequest, response, statuses } from '../support/raw.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Rate and concurrency limits, on a stage that is deployed, over real sockets and several workers. */

let turnpike: Turnpike
let backend: RawBackend
const limit = (config: object) => ({ plugin: 'rate-limit', config: { requests: 3, period: 'hour', ...config } })
before(async () => {
  backend = await RawBackend.start()
  backend.answer = (connection, received) => {
    // What is asked to wait gets no answer.
    if (!received.includes('GET /places')) connection.write(response('ok'))
  }
  turnpike = await startTurnpike({ args: ['--workers', '3', '--trusted-proxies', '127.0.0.1'] })
  await deployDesign(
    turnpike,
    'limits',
    {
      '/route': { methods: { GET: { plugins: [limit({})] }, PUT: { plugins: [limit({})] } } },
      '/stage-a': { methods: { GET: { plugins: [limit({ scope: 'stage', by: 'client-ip' })] } } },
      '/stage-b': { methods: { GET: { plugins: [limit({ scope: 'stage', by: 'client-ip' })] } } },
      '/tenants/{id}': { methods: { GET: { plugins: [limit({ by: 'path-variable', name: 'id' })] } } },
      '/shadow': { methods: { GET: { plugins: [{ ...limit({ requests: 1 }), mode: 'shadow' }] } } },
      '/fast': { methods: { GET: { plugins: [limit({ requests: 1_000, burst: 1, period: 'second' })] } } },
      '/places': {
        methods: {
          GET: { plugins: [{ plugin: 'concurrency-limit', config: { requests: 2, by: 'header', name: 'x-tenant' } }] },
        },
      },
    },
    { backend: { targets: [{ url: backend.url }] } },
  )
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

async function ask(path: string, { method = 'GET', headers = {} as Record<string, string> } = {}) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const answer = await rawRequest(
    turnpike.gatewayPort,
    `${method} ${path} HTTP/1.1\r\nHost: limits.localhost\r\nConnection: close\r\n${lines.join('')}\r\n`,
  )
  const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(answer)?.[1]
  return { status: statuses(answer)[0], header, body: answer.split('\r\n\r\n')[1] ?? '' }
}
const asks = async (count: number, path: string, options = {}) => {
  const seen: (number | undefined)[] = []
  for (let i = 0; i < count; i++) seen.push((await ask(path, options)).status)
  return seen
}

describe('rate-limit', () => {
  test('each method has its own count, over all workers; answers say what is left', async () => {
    const first = await ask('/route')
    assert.equal(first.header('ratelimit-policy'), '"rate-limit";q=3;w=3600')
    assert.equal(first.header('ratelimit'), '"rate-limit";r=2;t=1200')
    assert.deepEqual(await asks(3, '/route'), [200, 200, 429])
    const refused = await ask('/route')
    assert.equal(JSON.parse(refused.body).code, 'rate-limited')
    assert.ok(Number(refused.header('retry-after')) > 1_100)
    assert.equal((await ask('/route', { method: 'PUT' })).status, 200)
  })

  test('a deployment changes nothing about what was counted', async () => {
    await turnpike.api('PATCH', '/services/limits/stages/live', { variables: { a: 'b' } })
    const { status } = await turnpike.api('POST', '/services/limits/stages/live/deployments', {})
    assert.equal(status, 201)
    assert.deepEqual(await asks(1, '/route'), [429])
  })

  test('per stage and client address, as trusted proxies tell it', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
    assert.deepEqual(await asks(2, '/stage-a', from('192.0.2.1')), [200, 200])
    assert.deepEqual(await asks(2, '/stage-b', from('192.0.2.1')), [200, 429])
    assert.deepEqual(await asks(1, '/stage-b', from('192.0.2.2')), [200])
  })

  test('by path variable', async () => {
    assert.deepEqual(await asks(4, '/tenants/1'), [200, 200, 200, 429])
    assert.deepEqual(await asks(1, '/tenants/2'), [200])
  })

  test('in shadow nobody is refused', async () => assert.deepEqual(await asks(3, '/shadow'), [200, 200, 200]))

  test('who waits as long as they were told gets in', async () => {
    for (let passed = 0; passed < 5; ) if ((await ask('/fast')).status === 200) passed++
  })

  test('an explanation says how full it is, and takes nothing', async () => {
    for (let i = 0; i < 5; i++) {
      const { body } = await turnpike.api('POST', '/services/limits/stages/live/explain', {
        request: { method: 'GET', target: '/tenants/3' },
      })
      assert.match(JSON.stringify(body), /limit 3 per hour, 3 at once, for \\"3\\": 2 more could come now/)
    }
    const { body } = await turnpike.api('POST', '/services/limits/stages/live/explain', {
      request: { method: 'GET', target: '/tenants/1' },
    })
    assert.match(JSON.stringify(body), /for \\"1\\": full; one can come in \d+ ms/)
    assert.equal(body.answer?.status, 429)
  })
})

describe('concurrency-limit', () => {
  test('places are taken to the end of the answer, or until the client is gone', async () => {
    const { gatewayPort } = turnpike
    const begin = (tenant: string) =>
      new RawClient(gatewayPort).write(`GET /places HTTP/1.1\r\nHost: limits.localhost\r\nX-Tenant: ${tenant}\r\n\r\n`)
    const asked = () => backend.received.match(/GET \/places/g) ?? []
    /** Waits until so many requests have come to the backend. */
    const reached = async (count: number) => {
      const end = Date.now() + 60_000
      while (asked().length < count) {
        assert.ok(Date.now() < end, `${count} requests in the backend`)
        await new Promise<void>((resolve) => setTimeout(resolve, 1))
      }
    }
    const first = begin('a')
    await reached(1)
    const second = begin('a')
    await reached(2)
    const refused = await ask('/places', { headers: { 'x-tenant': 'a' } })
    assert.deepEqual([refused.status, refused.header('retry-after')], [429, '1'])
    assert.equal(JSON.parse(refused.body).code, 'concurrency-limited')
    const other = begin('b')
    await reached(3)

    // All are answered, or give up: the places are free again.
    for (const { socket } of backend.connections.filter(({ received }) => /x-tenant: b/i.test(received)))
      socket.write(response('late'), 'latin1')
    await other.untilResponses(1)
    for (const { socket } of [first, second]) socket.resetAndDestroy()
    // The gateway has to notice that they are gone.
    let third = begin('a')
    while (asked().length < 4) {
      if (third.received.includes('429')) {
        third.close()
        third = begin('a')
      }
      await new Promise<void>((resolve) => setTimeout(resolve, 1))
    }
    other.close()
    third.socket.resetAndDestroy()
  })
})
