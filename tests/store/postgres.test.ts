import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { PASSWORD, type PostgresServer, startPostgres, withoutPostgres } from '../support/postgres.ts'
import { RawBackend, rawRequest, response } from '../support/raw.ts'
import { freePort, type Json, runTurnpike, startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** The real process with its store on a real PostgreSQL: the life of a service, and what happens when the database goes. */

const CUTS = 20

const openapi = (paths: readonly string[]) =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    paths: Object.fromEntries(paths.map((path) => [path, { get: { summary: path } }])),
  })

describe('PostgreSQL', { skip: withoutPostgres }, () => {
  let server: PostgresServer
  let backend: RawBackend
  before(async () => {
    server = await startPostgres()
    backend = await RawBackend.start()
    backend.answer = (connection) => connection.write(response('ok'))
  })
  after(async () => {
    await backend.close()
    await server.stop()
  })

  const onDatabase = async (url: string) => startTurnpike({ args: ['--workers', '1'], env: { TURNPIKE_DATABASE: url } })
  const call = async (turnpike: Turnpike, method: string, path: string, body?: unknown) => {
    const answer = await turnpike.api(method, path, body)
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const statusOf = async ({ gatewayPort }: Turnpike, service: string, path: string) => {
    const text = await rawRequest(
      gatewayPort,
      `GET ${path} HTTP/1.1\r\nHost: ${service}.localhost\r\nConnection: close\r\n\r\n`,
    )
    return Number(text.slice(9, 12))
  }
  const health = ({ managementPort }: Turnpike, path: string) => fetch(`http://127.0.0.1:${managementPort}${path}`)
  /** Asks until it is so: what was found a moment ago is told again. Returns what is told. */
  const untilReadiness = async (turnpike: Turnpike, status: number) => {
    for (const tooLate = Date.now() + 60_000; ; ) {
      const answer = await health(turnpike, '/readyz')
      const text = await answer.text()
      if (answer.status === status) return text
      assert.ok(Date.now() < tooLate, text)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const ownHealth = ({ gatewayPort }: Turnpike) =>
    rawRequest(gatewayPort, 'GET /readyz HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n')
  const importPaths = (turnpike: Turnpike, service: string, paths: readonly string[], deploy = true) =>
    call(turnpike, 'POST', '/imports', { service, document: openapi(paths), backendUrl: backend.url, deploy })

  test('holds the life of a service, also through kill -9', async () => {
    let turnpike = await onDatabase(await server.createDatabase())
    await importPaths(turnpike, 'shop', ['/a'])
    assert.deepEqual([await statusOf(turnpike, 'shop', '/a'), await statusOf(turnpike, 'shop', '/b')], [200, 404])

    await importPaths(turnpike, 'shop', ['/a', '/b'], false)
    const changes = await call(turnpike, 'GET', '/services/shop/stages/live/changes')
    assert.match(JSON.stringify(changes.draft), /GET \/b is added/)
    await call(turnpike, 'POST', '/services/shop/stages/live/apply')
    const second = await call(turnpike, 'POST', '/services/shop/stages/live/deployments', { note: 'with /b' })
    assert.equal(second.number, 2)
    assert.equal(await statusOf(turnpike, 'shop', '/b'), 200)

    await call(turnpike, 'POST', '/services/shop/stages/live/deployments/1/roll-back')
    assert.equal(await statusOf(turnpike, 'shop', '/b'), 404)
    await turnpike.kill()
    turnpike = await turnpike.again()
    assert.deepEqual([await statusOf(turnpike, 'shop', '/a'), await statusOf(turnpike, 'shop', '/b')], [200, 404])
    const { items } = await call(turnpike, 'GET', '/services/shop/stages/live/deployments')
    assert.deepEqual(
      (items as unknown as Json[]).map(({ number, status, note }) => [number, status, note]),
      [
        [2, 'complete', 'with /b'],
        [1, 'complete', ''],
      ],
    )
    await call(turnpike, 'DELETE', '/services/shop')
    assert.equal(await statusOf(turnpike, 'shop', '/a'), 404)
    assert.ok(!readdirSync(turnpike.data).includes('turnpike.db'))
    assert.equal(await turnpike.stop(), 0)
  })

  test('what a database cannot hold or does not have is told as well as with the embedded one', async () => {
    const turnpike = await onDatabase(await server.createDatabase())
    await call(turnpike, 'POST', '/services', { name: 'shop' })
    for (const [method, path, body, status] of [
      ['POST', '/services', { name: 'shop' }, 409],
      ['POST', '/services', { name: 'other', description: 'a\u0000b' }, 422],
      ['GET', '/services/shop/stages/live/deployments/9007199254740991', undefined, 404],
      ['GET', '/services/shop/stages/live/deployments/1e30', undefined, 400],
      ['GET', '/services/%00', undefined, 422],
      ['GET', '/services?q=%25&after=zzz', undefined, 200],
    ] as const) {
      const answer = await turnpike.api(method, path, body)
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    }
    assert.equal(await turnpike.stop(), 0)
  })

  test('its password is nowhere to be seen', async () => {
    const turnpike = await onDatabase(await server.createDatabase())
    const output = turnpike.output()
    assert.match(output, new RegExp(`Database +postgres://turnpike@127\\.0\\.0\\.1:${server.port}/test_\\d+\\n`))
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) assert.ok(!output.includes(secret))
    assert.equal(await turnpike.stop(), 0)
  })

  test('while it is gone the management API says so and traffic goes on; when it is back, so is everything', async () => {
    const turnpike = await onDatabase(await server.createDatabase())
    const authorization = `Bearer ${/Admin token +(\S+)/.exec(turnpike.output())?.[1]}`
    await importPaths(turnpike, 'shop', ['/a'])
    await server.stop()
    try {
      for (const [method, path, headers] of [
        ['GET', '/services', {}],
        ['POST', '/services', {}],
        ['DELETE', '/services/shop', {}],
        ['POST', '/services/shop/stages/live/deployments', {}],
        // Nobody can say now whose token this is.
        ['GET', '/services', { authorization }],
      ] as const) {
        const body = { POST: path === '/services' ? { name: 'other' } : {} }[method as string]
        const answer = await turnpike.api(method, path, body, headers)
        assert.equal(answer.status, 503, `${method} ${path}`)
        assert.equal(answer.body.code, 'unavailable')
        assert.match(String(answer.body.detail), /database cannot be used now \(.*\): try again/)
      }
      assert.equal((await turnpike.api('GET', '/status')).status, 200)
      assert.equal(await statusOf(turnpike, 'shop', '/a'), 200)
      assert.match(turnpike.output(), /traffic goes on/)
      // Whoever sends traffic need not know; whoever changes something should go elsewhere.
      assert.match(await untilReadiness(turnpike, 503), /"store","status":"failing","reason":"The store cannot be used/)
      assert.equal((await health(turnpike, '/livez')).status, 200)
      assert.match(await ownHealth(turnpike), /^HTTP\/1\.1 200 /)
    } finally {
      await server.start()
    }
    assert.match(await untilReadiness(turnpike, 200), /"store","status":"ok"/)
    assert.equal((await turnpike.api('GET', '/services', undefined, { authorization })).status, 200)
    await importPaths(turnpike, 'shop', ['/a', '/b'])
    assert.equal(await statusOf(turnpike, 'shop', '/b'), 200)
    assert.equal(await turnpike.stop(), 0)
  })

  test('connections that are cut in the midst of changes lose none that was acknowledged', async () => {
    const turnpike = await onDatabase(await server.createDatabase())
    const acknowledged: string[] = []
    const statuses = new Set<number>()
    let isOver = false
    const lanes = [1, 2, 3, 4].map(async (lane) => {
      for (let i = 0; !isOver; i++) {
        const name = `lane-${lane}-${i}`
        const { status, body } = await turnpike.api('POST', '/services', { name })
        statuses.add(status)
        if (status === 201) acknowledged.push(name)
        else assert.equal(body.code, 'unavailable', JSON.stringify(body))
      }
    })
    for (let cut = 0; cut < CUTS || acknowledged.length < CUTS; cut++)
      await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'turnpike'`)
    isOver = true
    await Promise.all(lanes)
    assert.deepEqual(statuses, new Set([201, 503]), 'the cuts hit nothing, or something that nobody expected')
    for (const name of acknowledged)
      assert.equal((await turnpike.api('GET', `/services/${name}`)).status, 200, `${name} is gone`)
    assert.equal(await turnpike.stop(), 0)
  })

  describe('one that cannot be used is refused at the start', () => {
    const cases: [what: string, url: () => Promise<string>, told: RegExp][] = [
      [
        'nobody listens',
        async () => `postgres://turnpike:geheim@127.0.0.1:${await freePort()}/turnpike`,
        /turnpike@127\.0\.0\.1:\d+\/turnpike cannot be used \(.*ECONNREFUSED.*\): see that it runs/,
      ],
      [
        'a wrong password',
        async () => `postgres://turnpike:geheim@127.0.0.1:${server.port}/postgres`,
        /password authentication failed for user "turnpike"/,
      ],
      [
        'no such database',
        async () => (await server.createDatabase()).replace(/\w+$/, 'missing'),
        /database "missing" does not exist/,
      ],
      [
        'a user who may not make tables',
        async () => {
          await server.run(`create role guest login password 'geheim'`)
          return (await server.createDatabase()).replace(/\/\/[^@]+@/, '//guest:geheim@')
        },
        /guest@.* cannot be used \(permission denied for schema public\): see that .* make tables/,
      ],
      [
        'another encoding',
        () => server.createDatabase(`encoding 'LATIN1' locale 'C' template template0`),
        /its encoding is LATIN1, but must be UTF8/,
      ],
    ]
    for (const [what, url, told] of cases)
      test(what, async () => {
        const data = temporaryFolder()
        const ports = ['--gateway-port', String(await freePort()), '--management-port', String(await freePort())]
        const { code, stdout, stderr } = await runTurnpike(['start', '--data', data, ...ports], {
          env: { TURNPIKE_DATABASE: await url() },
        })
        assert.equal(code, 1, stderr)
        assert.equal(stdout, '')
        assert.match(stderr, /^turnpike: The database [^\n]*--database\.\n$/)
        assert.match(stderr, told)
        for (const secret of ['geheim', PASSWORD, encodeURIComponent(PASSWORD)]) assert.ok(!stderr.includes(secret))
      })
  })
})
