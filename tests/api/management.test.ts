import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The management API of the real process: what each call answers, and what must not have happened. */

let turnpike: Turnpike
let lastName = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  turnpike.api(method, path, body, headers)

/** A service of its own for a test, with one method and a stage. */
async function newService() {
  const name = `service-${++lastName}`
  const service = (await call('POST', '/services', { name })).body
  const root = (await call('GET', `/services/${name}/resources`)).body.items?.[0] as Json
  const pets = (await call('POST', `/services/${name}/resources`, { path: '/pets/{id}', description: 'Pets' })).body
  const method = (
    await call('POST', `/services/${name}/resources/${pets.id}/methods`, {
      verb: 'GET',
      name: 'Read a pet',
      description: 'One of them',
      tags: ['pets'],
      backend: { kind: 'mock', status: 202, body: 'a pet' },
      plugins: [{ plugin: 'request-id', config: {} }],
    })
  ).body
  const stage = (
    await call('POST', `/services/${name}/stages`, {
      name: 'live',
      description: 'For all',
      isDefault: true,
      backend: { targets: [{ url: 'http://127.0.0.1:9', weight: 1 }] },
      variables: { a: '1' },
    })
  ).body
  return { name, service, root, pets, method, stage }
}

describe('who may call', () => {
  test('without a token nothing is open but what is public', async () => {
    const base = `http://127.0.0.1:${turnpike.managementPort}`
    const { paths } = (await (await fetch(`${base}/api/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { 'x-permission': string }>>
    }
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) =>
        operation['x-permission'] === 'public'
          ? []
          : [{ method: method.toUpperCase(), path: path.replaceAll(/\{[^}]+\}/g, '1') }],
      ),
    )
    assert.ok(operations.length > 20, `${operations.length} operations`)
    for (const { method, path } of operations) {
      for (const authorization of [undefined, 'Bearer wrong', 'Basic YTpi', `bearer ${turnpike.token}x`]) {
        const answer = await fetch(base + path, { method, headers: authorization ? { authorization } : {} })
        assert.equal(answer.status, 401, `${method} ${path} with ${authorization}`)
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/)
        assert.equal(((await answer.json()) as Json).code, 'unauthorized')
      }
    }
  })

  test('the admin token of the first start works, and is kept as a digest only', async () => {
    const token = /Admin token +(\S+)/.exec(turnpike.output())?.[1] ?? ''
    const answer = await call('GET', '/services', undefined, { authorization: `Bearer ${token}` })
    assert.equal(answer.status, 200)
    const { readdirSync, readFileSync } = await import('node:fs')
    for (const file of readdirSync(turnpike.data))
      assert.ok(!readFileSync(`${turnpike.data}/${file}`).includes(token), `${file} holds the token`)
  })
})

describe('a change leaves alone what it does not name', () => {
  const cases: [what: string, path: (made: Awaited<ReturnType<typeof newService>>) => string, changes: object][] = [
    ['service', ({ name }) => `/services/${name}`, { description: 'Other' }],
    ['resource', ({ name, pets }) => `/services/${name}/resources/${pets.id}`, { description: 'Other' }],
    ['method', ({ name, method }) => `/services/${name}/methods/${method.id}`, { deprecated: true }],
    ['stage', ({ name }) => `/services/${name}/stages/live`, { variables: { b: '2' } }],
  ]
  for (const [what, pathOf, changes] of cases) {
    test(what, async () => {
      const path = pathOf(await newService())
      const { version: _, updatedAt: __, ...was } = (await call('GET', path)).body
      const changed = await call('PATCH', path, changes)
      assert.equal(changed.status, 200)
      const { version: ___, updatedAt: ____, ...is } = (await call('GET', path)).body
      assert.deepEqual(is, { ...was, ...changes })
    })
  }
})

describe('what is wrong is refused, with every field named, and changes nothing', () => {
  type Made = Awaited<ReturnType<typeof newService>>
  type Case = [
    what: string,
    request: (made: Made) => [method: string, path: string, body?: unknown, headers?: Record<string, string>],
    status: number,
    told: RegExp,
  ]
  const cases: Case[] = [
    ['a service name with capitals', () => ['POST', '/services', { name: 'A' }], 400, /\/name/],
    ['a service without a name', () => ['POST', '/services', {}], 400, /\/name.*required/],
    ['an unknown field', () => ['POST', '/services', { name: 'x', colour: 1 }], 400, /\/colour.*not a known field/],
    ['a taken service name', ({ name }) => ['POST', '/services', { name }], 409, /choose another/],
    ['a change of nothing', ({ name }) => ['PATCH', `/services/${name}`, {}], 400, /what is to change/],
    ['a service that is not there', () => ['GET', '/services/none'], 404, /none/],
    [
      'a path that does not begin with /',
      ({ name }) => ['POST', `/services/${name}/resources`, { path: 'a' }],
      400,
      /\/path/,
    ],
    ['an empty segment', ({ name }) => ['POST', `/services/${name}/resources`, { path: '/a//b' }], 422, /\/path/],
    [
      'a second variable of a level',
      ({ name }) => ['POST', `/services/${name}/resources`, { path: '/pets/{other}' }],
      422,
      /\{id\}/,
    ],
    [
      'a variable twice in a path',
      ({ name }) => ['POST', `/services/${name}/resources`, { path: '/pets/{id}/{id}' }],
      422,
      /\/path/,
    ],
    [
      'something below {x+}',
      ({ name }) => ['POST', `/services/${name}/resources`, { path: '/files/{x+}/a' }],
      422,
      /\/path/,
    ],
    [
      'a path that is there',
      ({ name }) => ['POST', `/services/${name}/resources`, { path: '/pets/{id}' }],
      409,
      /\/pets\/\{id\}/,
    ],
    ['the deletion of the root', ({ name, root }) => ['DELETE', `/services/${name}/resources/${root.id}`], 409, /root/],
    [
      'a method that is there',
      ({ name, pets }) => ['POST', `/services/${name}/resources/${pets.id}/methods`, { verb: 'GET' }],
      409,
      /GET/,
    ],
    [
      'an unknown method',
      ({ name, pets }) => ['POST', `/services/${name}/resources/${pets.id}/methods`, { verb: 'FETCH' }],
      400,
      /\/verb.*GET/,
    ],
    [
      'an unknown plugin',
      ({ name, pets }) => [
        'PATCH',
        `/services/${name}/resources/${pets.id}`,
        { plugins: [{ plugin: 'mok', config: {} }] },
      ],
      422,
      /\/plugins\/0.*mock/,
    ],
    [
      'a setting that a plugin does not have',
      ({ name, pets }) => [
        'PATCH',
        `/services/${name}/resources/${pets.id}`,
        { plugins: [{ plugin: 'request-id', config: { headr: 'x' } }] },
      ],
      422,
      /\/plugins\/0\/config\/headr/,
    ],
    [
      'an unknown variable in a header',
      ({ name, pets }) => [
        'PATCH',
        `/services/${name}/resources/${pets.id}`,
        { plugins: [{ plugin: 'request-transformer', config: { headers: { set: { a: '${request.path.nope}' } } } }] },
      ],
      422,
      /nope/,
    ],
    [
      'a path variable where it is not declared',
      ({ name, root }) => [
        'PATCH',
        `/services/${name}/resources/${root.id}`,
        { plugins: [{ plugin: 'request-transformer', config: { headers: { set: { a: '${request.path.id}' } } } }] },
      ],
      422,
      /request\.path\.id/,
    ],
    [
      'a second default stage',
      ({ name }) => ['POST', `/services/${name}/stages`, { name: 'other', isDefault: true }],
      409,
      /default/,
    ],
    ['a stage name with a hyphen', ({ name }) => ['POST', `/services/${name}/stages`, { name: 'a-b' }], 400, /\/name/],
    [
      'a backend that is no URL',
      ({ name }) => [
        'PATCH',
        `/services/${name}/stages/live`,
        { backend: { targets: [{ url: 'localhost:80', weight: 1 }] } },
      ],
      400,
      /\/backend\/targets\/0\/url/,
    ],
    [
      'a metadata address as backend',
      ({ name }) => [
        'PATCH',
        `/services/${name}/stages/live`,
        { backend: { targets: [{ url: 'http://169.254.169.254/', weight: 1 }] } },
      ],
      422,
      /\/backend\/targets\/0\/url/,
    ],
    [
      'a lost update',
      ({ name }) => ['PATCH', `/services/${name}`, { description: 'x' }, { 'if-match': '"1"' }],
      412,
      /version/,
    ],
    [
      'an If-Match that is none of ours',
      ({ name }) => ['PATCH', `/services/${name}`, { description: 'x' }, { 'if-match': 'W/"1"' }],
      422,
      /If-Match/,
    ],
    [
      'a body that is not JSON',
      () => ['POST', '/services', undefined, { 'content-type': 'application/json' }],
      400,
      /./,
    ],
    ['a body of another type', () => ['POST', '/services', undefined, { 'content-type': 'text/xml' }], 415, /JSON/],
    ['a body of 2 MiB', () => ['POST', '/services', { name: 'x'.repeat(2 ** 21) }], 413, /larger/],
    ['an unknown operation', () => ['GET', '/nothing'], 404, /openapi\.json/],
  ]
  for (const [what, request, status, told] of cases) {
    test(what, async () => {
      const made = await newService()
      const state = async () => [
        (await call('GET', '/services?limit=1000')).body,
        (await call('GET', `/services/${made.name}/resources`)).body,
        (await call('GET', `/services/${made.name}/stages`)).body,
      ]
      const was = await state()
      const answer = await call(...request(made))
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.equal(answer.headers.get('content-type'), 'application/problem+json')
      assert.equal(answer.body.status, status)
      assert.match(JSON.stringify(answer.body), told)
      assert.deepEqual(await state(), was)
    })
  }

  test('a dry run says whether a path can be made, and makes none', async () => {
    const { name } = await newService()
    const at = `/services/${name}/resources`
    assert.equal((await call('POST', at, { path: '/cats/{id}', dryRun: true })).status, 201)
    assert.equal((await call('POST', at, { path: '/pets/{other}', dryRun: true })).status, 422)
    const { items } = (await call('GET', at)).body
    assert.deepEqual(
      (items as unknown as Json[]).map(({ path }) => path),
      ['/', '/pets', '/pets/{id}'],
    )
  })

  test('all problems at once', async () => {
    const { name, pets } = await newService()
    const { body } = await call('PATCH', `/services/${name}/resources/${pets.id}`, {
      plugins: [
        { plugin: 'nothing', config: {} },
        { plugin: 'request-id', config: { header: '' } },
        { plugin: 'request-transformer', config: { headers: { set: { 'content-length': '1', a: '${nope}' } } } },
      ],
    })
    const paths = (body.errors as unknown as { path: string }[]).map(({ path }) => path)
    for (const path of [
      '/plugins/0',
      '/plugins/1/config/header',
      '/plugins/2/config/headers/set/content-length',
      '/plugins/2/config/headers/set/a',
    ])
      assert.ok(
        paths.some((one) => one.startsWith(path)),
        `${path} is not among ${paths}`,
      )
  })
})

describe('deployments', () => {
  test('number, hash and snapshot stay as they are', async () => {
    const { name } = await newService()
    const at = `/services/${name}/stages/live/deployments`
    const first = (await call('POST', at, { note: 'first' })).body
    const snapshot = (await call('GET', `${at}/1/snapshot`)).body
    await call('PATCH', `/services/${name}/stages/live`, { variables: { a: '2' } })
    const second = (await call('POST', at, {})).body
    assert.deepEqual([first.number, second.number, first.status, second.status], [1, 2, 'complete', 'complete'])
    assert.notEqual(first.hash, second.hash)
    assert.deepEqual((await call('GET', `${at}/1/snapshot`)).body, snapshot)
    const list = (await call('GET', at)).body.items as unknown as { number: number; note: string }[]
    assert.deepEqual(
      list.map(({ number, note }) => [number, note]),
      [
        [2, ''],
        [1, 'first'],
      ],
    )
  })

  test('the same stage gives the same hash', async () => {
    const { name } = await newService()
    const at = `/services/${name}/stages/live/deployments`
    assert.equal((await call('POST', at, {})).body.hash, (await call('POST', at, {})).body.hash)
  })

  test('one with errors is refused and leaves no trace', async () => {
    const { name } = await newService()
    const { id } = (await call('POST', `/services/${name}/resources`, { path: '/proxied' })).body
    await call('POST', `/services/${name}/resources/${id}/methods`, { verb: 'GET' })
    await call('PATCH', `/services/${name}/stages/live`, { backend: null })
    const refused = await call('POST', `/services/${name}/stages/live/deployments`, {})
    assert.equal(refused.status, 422)
    assert.match(JSON.stringify(refused.body.errors), /GET \/proxied: The stage has no backend/)
    assert.deepEqual((await call('GET', `/services/${name}/stages/live/deployments`)).body.items, [])
  })

  test('deleting the service takes it off the gateway', async () => {
    const { name } = await newService()
    await call('POST', `/services/${name}/stages/live/deployments`, {})
    const get = () => requestStatus(turnpike.gatewayPort, `${name}.localhost`, '/pets/1')
    assert.equal(await get(), 202)
    assert.equal((await call('DELETE', `/services/${name}`)).status, 204)
    assert.equal(await get(), 404)
  })
})

async function requestStatus(port: number, host: string, path: string): Promise<number> {
  const { rawRequest, statuses } = await import('../support/raw.ts')
  return statuses(await rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))[0] ?? 0
}
