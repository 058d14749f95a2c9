import assert from 'node:assert/strict'
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { type Json, runTurnpike, startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** Who may come in, and what they may do there. */

let turnpike: Turnpike
let base: string
let lastName = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  base = `http://127.0.0.1:${turnpike.managementPort}`
})
after(() => turnpike.stop())

const PASSWORD = 'marked-correct horse'

/** Calls the API with other proofs than the admin token. */
async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const type = response.headers.get('content-type') ?? ''
  // A feed has no end to be waited for.
  if (type.startsWith('text/event-stream')) await response.body?.cancel()
  const text = response.bodyUsed ? '' : await response.text()
  return {
    status: response.status,
    body: (/json/.test(type) ? JSON.parse(text) : null) as Json,
    headers: response.headers,
    cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '',
  }
}

async function newUser(grants: object = { role: 'editor' }): Promise<Json> {
  return call(turnpike, 'POST', '/users', { name: `user-${++lastName}`, password: PASSWORD, ...grants })
}

async function logIn(user: Json): Promise<string> {
  const { status, cookie } = await ask('POST', '/sessions', {}, { name: user.name, password: PASSWORD })
  assert.equal(status, 201)
  return cookie
}

async function tokenFor(grants: object): Promise<Record<string, string>> {
  const { value } = await call(turnpike, 'POST', '/tokens', { name: 'test', ...grants })
  return { authorization: `Bearer ${value}` }
}

describe('set-up', () => {
  test('the link makes one admin, once', async () => {
    const own = await startTurnpike({ args: ['--workers', '1'] })
    const url = `http://127.0.0.1:${own.managementPort}`
    const link = /Set up +(\S+)/.exec(own.output())?.[1] ?? ''
    assert.ok(link.startsWith(`${url}/setup#token=`))
    const page = await fetch(link, { headers: { accept: 'text/html' } })
    assert.equal(page.status, 200)
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
    const setUp = async (token: string, name: string) => {
      const response = await fetch(`${url}/api/v1/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, name, password: PASSWORD }),
      })
      return response.status
    }
    const token = link.split('token=')[1] ?? ''
    assert.equal(await setUp('wrong', 'eve'), 403)
    const both = await Promise.all([setUp(token, 'ada'), setUp(token, 'bob')])
    assert.deepEqual(both.toSorted(), [201, 409])
    assert.equal(await setUp(token, 'eve'), 409)
    await own.kill()
    const again = await own.again()
    assert.doesNotMatch(again.output(), /Set up/)
    await again.stop()
  })
})

describe('sessions', () => {
  test('the cookie is out of reach of scripts and other sites', async () => {
    const user = await newUser()
    const { headers } = await ask('POST', '/sessions', {}, { name: user.name, password: PASSWORD })
    assert.match(headers.getSetCookie()[0] ?? '', /; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  for (const [what, name, password] of [
    ['a wrong password', 'user-1', 'wrong horse battery'],
    ['a user who is not there', 'nobody', PASSWORD],
  ] as const) {
    test(`${what} is told like the other`, async () => {
      await newUser()
      const { status, body } = await ask('POST', '/sessions', {}, { name, password })
      assert.deepEqual([status, body.detail], [401, 'Name or password is wrong.'])
    })
  }

  test('who fails too often must wait', async () => {
    // On a server of its own: the address counts, too.
    const own = await startTurnpike({ args: ['--workers', '1'] })
    const { name } = await call(own, 'POST', '/users', { name: 'ada', password: PASSWORD, role: 'viewer' })
    const attempt = async (password: string) => {
      const response = await fetch(`http://127.0.0.1:${own.managementPort}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, password }),
      })
      return { status: response.status, wait: response.headers.get('retry-after') }
    }
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await attempt('wrong horse battery')).status)
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429])
    const { status, wait } = await attempt(PASSWORD)
    assert.equal(status, 429)
    assert.ok(Number(wait) >= 1)
    await own.stop()
  })

  const ends: readonly [what: string, end: (user: Json, cookie: string) => Promise<unknown>][] = [
    ['logging out', (_, cookie) => ask('DELETE', '/sessions/current', { cookie, origin: base })],
    [
      'a password that an admin sets',
      (user) => call(turnpike, 'PUT', `/users/${user.id}/password`, { password: PASSWORD }),
    ],
    ['the deletion of the user', (user) => call(turnpike, 'DELETE', `/users/${user.id}`)],
    [
      'changing the password elsewhere',
      async (user) => {
        const cookie = await logIn(user)
        const next = { current: PASSWORD, next: 'another horse' }
        const { status } = await ask('PUT', '/me/password', { cookie, origin: base }, next)
        assert.equal(status, 204)
      },
    ],
  ]
  for (const [what, end] of ends) {
    test(`${what} ends them`, async () => {
      const user = await newUser()
      const cookie = await logIn(user)
      assert.equal((await ask('GET', '/me', { cookie })).body.name, user.name)
      await end(user, cookie)
      assert.equal((await ask('GET', '/me', { cookie })).status, 401)
    })
  }

  test('changing one’s password takes the current one, and goes on with a new session', async () => {
    const cookie = await logIn(await newUser())
    const change = (current: string) =>
      ask('PUT', '/me/password', { cookie, origin: base }, { current, next: 'another horse' })
    assert.equal((await change('wrong horse battery')).status, 403)
    const changed = await change(PASSWORD)
    assert.equal(changed.status, 204)
    assert.equal((await ask('GET', '/me', { cookie: changed.cookie })).status, 200)
  })
})

describe('changes by a session are only taken from our own pages', () => {
  const cases: readonly [headers: (own: string) => Record<string, string>, isTaken: boolean][] = [
    [(own) => ({ origin: own }), true],
    [() => ({ 'sec-fetch-site': 'same-origin' }), true],
    [() => ({}), false],
    [() => ({ origin: 'https://evil.example' }), false],
    [() => ({ origin: 'null' }), false],
    [(own) => ({ origin: `${own}.evil.example` }), false],
    [(own) => ({ origin: own, 'sec-fetch-site': 'cross-site' }), false],
    [() => ({ 'sec-fetch-site': 'same-site' }), false],
  ]
  for (const [headers, isTaken] of cases) {
    test(`${JSON.stringify(headers('OWN'))} is ${isTaken ? '' : 'not '}taken`, async () => {
      const cookie = await logIn(await newUser())
      const { status, body } = await ask('POST', '/services', { cookie, ...headers(base) }, { name: `s${++lastName}` })
      if (isTaken) assert.equal(status, 201)
      else assert.deepEqual([status, body.code], [403, 'cross-site-request'])
    })
  }

  test('a token needs no origin', async () => {
    const headers = { ...(await tokenFor({ role: 'editor' })), origin: 'https://elsewhere.example' }
    assert.equal((await ask('POST', '/services', headers, { name: `s${++lastName}` })).status, 201)
  })
})

/** The table of the guide: which roles have a permission. */
function permissionTable(): Map<string, Record<string, boolean>> {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/people.md'), 'utf8')
  const rows = [...guide.matchAll(/^\| `(\w+)` +\|[^|]+\| (yes|no) +\| (yes|no) +\| (yes|no) +\|$/gm)]
  return new Map(
    rows.map(([, permission = '', viewer, editor, admin]) => [
      permission,
      { viewer: viewer === 'yes', editor: editor === 'yes', admin: admin === 'yes' },
    ]),
  )
}

describe('roles', () => {
  test('every operation is open to the roles that the guide says, and to no others', async () => {
    const table = permissionTable()
    assert.deepEqual([...table.keys()], ['authenticated', 'read', 'write', 'admin'])
    const { paths } = (await (await fetch(`${base}/api/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { 'x-permission': string }>>
    }
    let seen = 0
    for (const role of ['viewer', 'editor', 'admin'] as const) {
      for (const [path, item] of Object.entries(paths)) {
        for (const [method, { 'x-permission': permission }] of Object.entries(item)) {
          if (permission === 'public') continue
          // Things that are not there: a call that is let through changes nothing. A new token each time, as one revokes itself.
          const headers = await tokenFor({ role })
          const at = path.replace('/api/v1', '').replaceAll(/\{[^}]+\}/g, '1')
          const { status } = await ask(method.toUpperCase(), at, headers)
          assert.notEqual(status, 401, `${role} ${method} ${path}`)
          assert.equal(status !== 403, table.get(permission)?.[role], `${role} ${method} ${path}: ${status}`)
          seen++
        }
      }
    }
    assert.ok(seen > 100, `${seen} operations`)
  })

  test('a role on one service holds there, and nowhere else', async () => {
    await call(turnpike, 'POST', '/services', { name: 'mine' })
    await call(turnpike, 'POST', '/services', { name: 'other' })
    const user = await newUser({ serviceRoles: { mine: 'editor' } })
    const headers = { cookie: await logIn(user), origin: base }
    const document = JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'T', version: '1' },
      paths: { '/a': { get: {} } },
    })
    const cases: readonly [method: string, path: string, body: unknown, status: number][] = [
      ['GET', '/services/mine', undefined, 200],
      ['PATCH', '/services/mine', { description: 'Mine' }, 200],
      ['POST', '/services/mine/stages', { name: 'live' }, 201],
      ['POST', '/imports', { service: 'mine', document }, 200],
      ['GET', '/services/other', undefined, 403],
      ['PATCH', '/services/other', { description: 'Mine' }, 403],
      ['GET', '/services/unknown', undefined, 403],
      ['POST', '/imports', { service: 'other', document }, 403],
      ['POST', '/imports', { service: 'unknown', document }, 403],
      ['POST', '/services', { name: 'third' }, 403],
      ['GET', '/gateway', undefined, 200],
      ['GET', '/status', undefined, 403],
      ['GET', '/users', undefined, 403],
      ['GET', '/audit', undefined, 403],
    ]
    for (const [method, path, body, status] of cases)
      assert.equal((await ask(method, path, headers, body)).status, status, `${method} ${path}`)
    const { body } = await ask('GET', '/services', headers)
    assert.deepEqual(
      (body.items as unknown as Json[]).map(({ name }) => name),
      ['mine'],
    )
  })

  test('a service that is named like the id of another opens no way to that', async () => {
    const mine = await call(turnpike, 'POST', '/services', { name: `s${++lastName}` })
    const theirs = await call(turnpike, 'POST', '/services', { name: `s${++lastName}` })
    // Names begin with a letter: an id that does can be one.
    const renamed = await turnpike.api('PATCH', `/services/${mine.id}`, { name: theirs.id })
    const headers = await tokenFor({ serviceRoles: { [String(mine.id)]: 'editor' } })
    const { status } = await ask('PATCH', `/services/${theirs.id}`, headers, { description: 'mine now' })
    assert.equal(status, 403)
    assert.equal((await call(turnpike, 'GET', `/services/${theirs.id}`)).description, '')
    assert.ok(renamed.status === 200 || renamed.status === 400)
    const copy = await turnpike.api('POST', '/services', { name: theirs.id })
    assert.ok([201, 400, 409].includes(copy.status))
    assert.equal((await call(turnpike, 'GET', `/services/${theirs.id}`)).id, theirs.id)
  })

  test('roles on a service go with it', async () => {
    const service = await call(turnpike, 'POST', '/services', { name: `s${++lastName}` })
    const serviceRoles = { [String(service.id)]: 'editor' }
    const user = await newUser({ serviceRoles })
    const { token } = await call(turnpike, 'POST', '/tokens', { name: 'test', serviceRoles })
    await call(turnpike, 'DELETE', `/services/${service.id}`)
    assert.deepEqual((await call(turnpike, 'GET', `/users/${user.id}`)).serviceRoles, {})
    const tokens = (await call(turnpike, 'GET', '/tokens')).items as unknown as Json[]
    assert.deepEqual(tokens.find(({ id }) => id === token?.id)?.serviceRoles, {})
  })

  test('roles can only be given on services that are there', async () => {
    const { status, body } = await turnpike.api('POST', '/users', {
      name: 'strange',
      password: PASSWORD,
      serviceRoles: { nowhere: 'editor' },
    })
    assert.deepEqual([status, body.errors?.[0]?.path], [422, '/serviceRoles/nowhere'])
  })

  test('the last admin stays one', async () => {
    const first = await newUser({ role: 'admin' })
    assert.equal((await turnpike.api('PATCH', `/users/${first.id}`, { role: 'viewer' })).status, 409)
    assert.equal((await turnpike.api('DELETE', `/users/${first.id}`)).status, 409)
    const second = await newUser({ role: 'admin' })
    assert.equal((await turnpike.api('PATCH', `/users/${first.id}`, { role: 'viewer' })).status, 200)
    assert.equal((await turnpike.api('DELETE', `/users/${second.id}`)).status, 409)
  })

  test('two who change a user at once: one is told', async () => {
    const { id } = await newUser()
    const headers = { 'if-match': '"1"' }
    const [a, b] = await Promise.all([
      turnpike.api('PATCH', `/users/${id}`, { role: 'viewer' }, headers),
      turnpike.api('PATCH', `/users/${id}`, { role: 'admin' }, headers),
    ])
    assert.deepEqual([a.status, b.status].toSorted(), [200, 412])
  })
})

describe('tokens', () => {
  test('cannot have more rights than whoever makes them', async () => {
    const editor = await tokenFor({ role: 'editor' })
    assert.equal((await ask('POST', '/tokens', editor, { name: 't', role: 'admin' })).status, 403)
    assert.equal((await ask('POST', '/tokens', editor, { name: 't', role: 'editor' })).status, 201)
  })

  test('cannot outlive the one that they are made with', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
    const headers = await tokenFor({ role: 'editor', expiresAt: inAnHour })
    const make = (given: object) => ask('POST', '/tokens', headers, { name: 't', role: 'viewer', ...given })
    for (const given of [{}, { expiresAt: new Date(Date.now() + 7_200_000).toISOString() }]) {
      const { status, body } = await make(given)
      assert.equal(status, 403)
      assert.match(String(body.detail), new RegExp(`"expiresAt" of ${inAnHour} or earlier`))
    }
    assert.equal((await make({ expiresAt: inAnHour })).status, 201)
  })

  test('lose what their owner loses, and go with the owner', async () => {
    const user = await newUser({ role: 'editor' })
    const session = { cookie: await logIn(user), origin: base }
    const { value } = (await ask('POST', '/tokens', session, { name: 't', role: 'editor' })).body
    const headers = { authorization: `Bearer ${value}` }
    assert.equal((await ask('POST', '/services', headers, { name: `s${++lastName}` })).status, 201)
    await call(turnpike, 'PATCH', `/users/${user.id}`, { role: 'viewer' })
    assert.equal((await ask('POST', '/services', headers, { name: `s${++lastName}` })).status, 403)
    await call(turnpike, 'DELETE', `/users/${user.id}`)
    assert.equal((await ask('GET', '/me', headers)).status, 401)
  })

  test('are seen and revoked by their owner and by admins', async () => {
    const session = async () => ({ cookie: await logIn(await newUser({ role: 'viewer' })), origin: base })
    const [mine, theirs] = [await session(), await session()]
    const { token } = (await ask('POST', '/tokens', mine, { name: 't', role: 'viewer' })).body
    assert.equal((await ask('GET', '/tokens', mine)).body.items?.[0]?.id, token?.id)
    assert.deepEqual((await ask('GET', '/tokens', theirs)).body.items, [])
    assert.equal((await ask('DELETE', `/tokens/${token?.id}`, theirs)).status, 404)
    assert.equal((await ask('DELETE', `/tokens/${token?.id}`, mine)).status, 204)
  })

  test('that would have expired already are refused', async () => {
    const { status, body } = await turnpike.api('POST', '/tokens', {
      name: 't',
      role: 'viewer',
      expiresAt: '2020-01-01T00:00:00Z',
    })
    assert.deepEqual([status, body.errors?.[0]?.path], [422, '/expiresAt'])
  })

  test('expire', async () => {
    const expiresAt = new Date(Date.now() + 2_000).toISOString()
    const headers = await tokenFor({ role: 'viewer', expiresAt })
    while (Date.now() < Date.parse(expiresAt)) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal((await ask('GET', '/me', headers)).status, 401)
  })
})

describe('audit log', () => {
  test('says who did what, before and after', async () => {
    const user = await newUser({ role: 'editor' })
    const headers = { cookie: await logIn(user), origin: base }
    const service = (await ask('POST', '/services', headers, { name: `s${++lastName}`, description: 'old' })).body
    await ask('PATCH', `/services/${service.id}`, headers, { description: 'new' })
    const { body } = await turnpike.api('GET', `/audit?objectId=${service.id}`)
    const [second, first] = body.items as unknown as Json[]
    assert.deepEqual([first?.actor, first?.action, first?.before], [user.name, 'create', null])
    assert.deepEqual(
      [second?.action, second?.before?.description, second?.after?.description],
      ['update', 'old', 'new'],
    )
  })

  test('tells all that was done to a service and what belongs to it, also when it is gone', async () => {
    const name = `s${++lastName}`
    const service = await call(turnpike, 'POST', '/services', { name })
    const at = `/services/${name}`
    const { id: resourceId } = await call(turnpike, 'POST', `${at}/resources`, { path: '/a' })
    const mock = { verb: 'GET', backend: { kind: 'mock' } }
    await call(turnpike, 'POST', `${at}/resources/${resourceId}/methods`, mock)
    await call(turnpike, 'POST', `${at}/models`, { name: 'Pet', schema: {} })
    await call(turnpike, 'POST', `${at}/policies`, { name: 'tenants', key: { in: 'header', name: 'x-tenant' } })
    await call(turnpike, 'PUT', `${at}/gateway-responses`, { preset: 'envelope' })
    await call(turnpike, 'POST', `${at}/stages`, { name: 'live' })
    await call(turnpike, 'PUT', `${at}/stages/live/alerts/slow`, { kind: 'latency', threshold: 1 })
    await call(turnpike, 'POST', `${at}/stages/live/deployments`, {})
    await call(turnpike, 'POST', '/services', { name: `${name}-other` })
    const read = async (of: unknown) =>
      (await call(turnpike, 'GET', `/audit?service=${of}&limit=100`)).items as unknown as Json[]
    const told = await read(name)
    assert.deepEqual(
      [...new Set(told.map((entry) => `${entry.serviceId} ${entry.service}`))],
      [`${service.id} ${name}`],
    )
    assert.deepEqual([...new Set(told.map(({ kind }) => String(kind)))].toSorted(), [
      'alert',
      'gateway-responses',
      'method',
      'model',
      'policy',
      'resource',
      'service',
      'stage',
    ])
    assert.deepEqual(await read(service.id), told)
    const { stdout } = await runTurnpike(['audit', '--service', name, '--action', 'deploy', '--data', turnpike.data])
    assert.match(stdout, new RegExp(`^WHEN .*\\n\\S+ +local +deploy +stage +\\S+ +${name}$`, 'm'))
    await call(turnpike, 'DELETE', at)
    const [last] = await read(service.id)
    assert.deepEqual([last?.action, last?.serviceId, last?.service], ['delete', service.id, null])
    assert.deepEqual(await read(name), [])
  })

  test('does not take a token that belongs to nobody for a user', async () => {
    const user = await newUser()
    const headers = await tokenFor({ role: 'editor', name: user.name })
    const service = (await ask('POST', '/services', headers, { name: `s${++lastName}` })).body
    const { body } = await turnpike.api('GET', `/audit?objectId=${service.id}`)
    assert.equal(body.items?.[0]?.actor, `token:${user.name}`)
    for (const name of ['system', 'local', 'anonymous', `token:${user.name}`])
      assert.ok((await turnpike.api('POST', '/users', { name, password: PASSWORD })).status >= 400, name)
  })

  test('refuses a page behind an entry that is not there', async () => {
    const { status, body } = await turnpike.api('GET', `/audit?before=${'a'.repeat(20)}`)
    assert.deepEqual([status, body.errors?.[0]?.path], [422, '/before'])
  })

  test('is read between two moments, the second of which is not in it', async () => {
    const read = async (query: string) =>
      (
        (await turnpike.api('GET', `/audit?limit=1000${query}`)).body.items as unknown as { id: string; at: string }[]
      ).map(({ at }) => at)
    const all = await read('')
    const [from = '', to = ''] = [all.at(-2), all[1]]
    assert.deepEqual(
      await read(`&from=${from}&to=${to}`),
      all.filter((at) => at >= from && at < to),
    )
    assert.ok((await read(`&from=${from}`)).length > 0)
    // The same moment in another zone.
    const elsewhere = `${new Date(Date.parse(to) + 3_600_000).toISOString().replace('Z', '+01:00')}`
    assert.deepEqual(await read(`&from=${encodeURIComponent(elsewhere)}`), await read(`&from=${to}`))
    assert.equal((await turnpike.api('GET', '/audit?from=yesterday')).status, 400)
  })

  test('one entry of it', async () => {
    const [entry] = (await turnpike.api('GET', '/audit?limit=1')).body.items as unknown as Json[]
    assert.deepEqual((await turnpike.api('GET', `/audit/${entry?.id}`)).body, entry)
    assert.equal((await turnpike.api('GET', '/audit/none')).status, 404)
  })

  test('is read in pages that miss nothing', async () => {
    const all = (await turnpike.api('GET', '/audit?limit=1000')).body.items as unknown as { id: string }[]
    const paged: string[] = []
    for (let before = ''; ; ) {
      const page = (await turnpike.api('GET', `/audit?limit=7${before}`)).body.items as unknown as { id: string }[]
      if (page.length === 0) break
      paged.push(...page.map(({ id }) => id))
      before = `&before=${paged.at(-1)}`
    }
    assert.deepEqual(
      paged,
      all.map(({ id }) => id),
    )
  })
})

test('no password and no token is kept or told anywhere', async () => {
  const user = await newUser()
  const cookie = await logIn(user)
  const { value } = (await ask('POST', '/tokens', { cookie, origin: base }, { name: 't', role: 'viewer' })).body
  const secrets = [PASSWORD, String(value), cookie.split('=')[1] ?? '']
  const audit = JSON.stringify((await turnpike.api('GET', '/audit?limit=1000')).body)
  const places = [
    audit,
    turnpike.output(),
    ...globSync('*', { cwd: turnpike.data }).map((file) => readFileSync(join(turnpike.data, file), 'latin1')),
  ]
  for (const secret of secrets) for (const place of places) assert.ok(!place.includes(secret))
})

describe('the command line', () => {
  const run = (home: string, args: readonly string[], input = '') =>
    runTurnpike([...args, '--url', base, '--data', '/nonexistent'], {
      input,
      env: { XDG_CONFIG_HOME: home, TURNPIKE_TOKEN: '' },
    })

  test('logs in, works with the rights of the user, and logs out', async () => {
    const home = temporaryFolder()
    const user = await newUser({ role: 'viewer' })
    const login = await run(home, ['login', '--name', String(user.name), '--password-stdin'], `${PASSWORD}\n`)
    assert.deepEqual([login.code, login.stderr], [0, ''])
    const file = join(home, 'turnpike', 'credentials.json')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok(!readFileSync(file, 'utf8').includes(PASSWORD))
    assert.equal((await run(home, ['whoami'])).stdout, `${user.name} (viewer everywhere)\n`)
    const refused = await run(home, ['deploy', 'nothing/live'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /permission "write", and the role "viewer" does not have it/)
    const [token] = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
    assert.equal((await run(home, ['logout'])).code, 0)
    assert.equal((await ask('GET', '/me', { authorization: `Bearer ${token}` })).status, 401)
    assert.match((await run(home, ['whoami'])).stderr, /turnpike login/)
  })

  test('logs out of what login has kept, and leaves a token of the environment alone', async () => {
    const home = temporaryFolder()
    const user = await newUser({ role: 'viewer' })
    const other = await tokenFor({ role: 'viewer' })
    const TURNPIKE_TOKEN = String(other.authorization).slice('Bearer '.length)
    const env = { XDG_CONFIG_HOME: home, TURNPIKE_TOKEN }
    const server = ['--url', base, '--data', '/nonexistent']
    await run(home, ['login', '--name', String(user.name), '--password-stdin'], PASSWORD)
    const [kept] = Object.values(JSON.parse(readFileSync(join(home, 'turnpike', 'credentials.json'), 'utf8')) as object)
    assert.equal((await runTurnpike(['logout', ...server], { env })).code, 0)
    assert.equal((await ask('GET', '/me', other)).status, 200)
    assert.equal((await ask('GET', '/me', { authorization: `Bearer ${kept}` })).status, 401)
    const again = await runTurnpike(['logout', ...server], { env })
    assert.deepEqual([again.code, /not logged in/.test(again.stderr)], [1, true])
    assert.equal((await ask('GET', '/me', other)).status, 200)
  })

  test('is told when the password is wrong, and keeps nothing', async () => {
    const home = temporaryFolder()
    const { code, stderr } = await run(home, ['login', '--name', 'nobody', '--password-stdin'], 'wrong horse')
    assert.equal(code, 1)
    assert.match(stderr, /Name or password is wrong/)
    assert.deepEqual(globSync('**/*.json', { cwd: home }), [])
  })

  test('narrows a file that others could read', async () => {
    const home = temporaryFolder()
    const user = await newUser()
    const file = join(home, 'turnpike', 'credentials.json')
    mkdirSync(join(home, 'turnpike'))
    writeFileSync(file, '{}', { mode: 0o644 })
    await run(home, ['login', '--name', String(user.name), '--password-stdin'], PASSWORD)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })
})
