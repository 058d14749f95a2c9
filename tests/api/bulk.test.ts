import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Many parts of a design at once: all or nothing. */

let turnpike: Turnpike
let lastName = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

type Tree = readonly {
  id: string
  path: string
  plugins: { plugin: string }[]
  methods: { id: string; verb: string; plugins: { plugin: string }[] }[]
}[]

const requestId = { plugin: 'request-id', config: {} }
const off = { plugin: 'request-id', off: true }

/** A service with GET and PUT /a/{id}, GET /b, POST /b/c, and plugins here and there. */
async function newService() {
  const name = `s${++lastName}`
  const at = `/services/${name}`
  await call(turnpike, 'POST', '/services', { name, description: 'The source' })
  const ids: Record<string, string> = {}
  const add = async (path: string, plugins: unknown[], methods: Record<string, object>) => {
    const { id } = await call(turnpike, 'POST', `${at}/resources`, { path, plugins })
    ids[path] = String(id)
    for (const [verb, method] of Object.entries(methods)) {
      const made = await call(turnpike, 'POST', `${at}/resources/${id}/methods`, { verb, ...method })
      ids[`${verb} ${path}`] = String(made.id)
    }
  }
  await add('/a/{id}', [], {
    GET: { operationId: 'getA', backend: { kind: 'http', path: '/x/${request.path.id}' } },
    PUT: {},
  })
  await add('/b', [requestId], { GET: { plugins: [off] } })
  await add('/b/c', [off], { POST: { plugins: [requestId] } })
  const id = (key: string) => ids[key] ?? assert.fail(key)
  return { name, at, id }
}

/** The routes of a service, with the plugins that are said at each: `GET /b -request-id`. */
async function outline(service: string): Promise<string[]> {
  const { items } = await call(turnpike, 'GET', `/services/${service}/resources?limit=1000`)
  const said = (plugins: readonly object[]) =>
    plugins.map((one) => `${'off' in one ? '-' : '+'}${(one as { plugin: string }).plugin}`)
  return (items as unknown as Tree).flatMap(({ path, plugins, methods }) => [
    ...(plugins.length > 0 ? [[path, ...said(plugins)].join(' ')] : []),
    ...methods.map((method) => [`${method.verb} ${path}`, ...said(method.plugins)].join(' ')),
  ])
}

const WHOLE = [
  'GET /a/{id}',
  'PUT /a/{id}',
  '/b +request-id',
  'GET /b -request-id',
  '/b/c -request-id',
  'POST /b/c +request-id',
]

describe('moving methods', () => {
  const without = (...gone: string[]) => WHOLE.filter((route) => !gone.includes(route))
  const cases: readonly [title: string, moves: [method: string, path: string][], after: string[]][] = [
    ['to a path that is there', [['PUT /a/{id}', '/b']], [...without('PUT /a/{id}'), 'PUT /b']],
    ['to a path that is made', [['PUT /a/{id}', '/new/deep']], [...without('PUT /a/{id}'), 'PUT /new/deep']],
    [
      'to one another’s places',
      [
        ['GET /b', '/b/c'],
        ['POST /b/c', '/b'],
      ],
      [...without('GET /b -request-id', 'POST /b/c +request-id'), 'GET /b/c -request-id', 'POST /b +request-id'],
    ],
    ['to where it is', [['GET /b', '/b']], WHOLE],
    ['with a variable of the same name', [['GET /a/{id}', '/z/{id}']], [...without('GET /a/{id}'), 'GET /z/{id}']],
  ]
  for (const [title, moves, expected] of cases) {
    test(title, async () => {
      const { name, at, id } = await newService()
      await call(turnpike, 'POST', `${at}/methods/move`, {
        moves: moves.map(([method, path]) => ({ methodId: id(method), path })),
      })
      assert.deepEqual((await outline(name)).toSorted(), expected.toSorted())
    })
  }

  const refusals: readonly [title: string, moves: [method: string, path: string][], told: RegExp][] = [
    ['onto a method that is there', [['GET /a/{id}', '/b']], /\/moves\/0\/path.*GET twice|variable/],
    [
      'two to one place',
      [
        ['GET /b', '/d'],
        ['GET /a/{id}', '/d'],
      ],
      /GET twice/,
    ],
    [
      'away from the variable that its backend uses',
      [['GET /a/{id}', '/d']],
      /GET \/d\/backend\/path: .*path variable/,
    ],
    ['beside another variable', [['PUT /a/{id}', '/a/{other}']], /one level has one variable/],
  ]
  for (const [title, moves, told] of refusals) {
    test(`is refused ${title}, with the moves that would be right`, async () => {
      const { name, at, id } = await newService()
      const all = [
        ...moves.map(([method, path]) => ({ methodId: id(method), path })),
        { methodId: id('PUT /a/{id}'), path: '/fine' },
      ]
      const { status, body } = await turnpike.api('POST', `${at}/methods/move`, { moves: all })
      assert.equal(status, 422)
      assert.match(JSON.stringify(body.errors), told)
      assert.deepEqual(await outline(name), WHOLE)
    })
  }

  test('a dry run answers the same and moves nothing', async () => {
    const { name, at, id } = await newService()
    const moves = [{ methodId: id('PUT /a/{id}'), path: '/new' }]
    const { createdPaths } = await call(turnpike, 'POST', `${at}/methods/move`, { moves, dryRun: true })
    assert.deepEqual(createdPaths, ['/new'])
    assert.deepEqual(await outline(name), WHOLE)
  })
})

test('many methods are deleted at once, or none', async () => {
  const { name, at, id } = await newService()
  const methodIds = [id('GET /b'), id('PUT /a/{id}')]
  assert.equal(
    (await turnpike.api('POST', `${at}/methods/delete`, { methodIds: [...methodIds, 'nobody'] })).status,
    422,
  )
  assert.deepEqual(await outline(name), WHOLE)
  await call(turnpike, 'POST', `${at}/methods/delete`, { methodIds })
  assert.deepEqual(
    await outline(name),
    WHOLE.filter((route) => !/^(GET \/b|PUT)/.test(route)),
  )
})

describe('cloning a path', () => {
  test('takes everything below along, and leaves the source as it is', async () => {
    const { name, at, id } = await newService()
    const { methods } = await call(turnpike, 'POST', `${at}/resources/${id('/b')}/clone`, { path: '/v2/b2' })
    assert.equal(methods, 2)
    const copies = WHOLE.filter((route) => route.includes('/b')).map((route) => route.replace('/b', '/v2/b2'))
    assert.deepEqual((await outline(name)).toSorted(), [...WHOLE, ...copies].toSorted())
  })

  test('into itself ends', async () => {
    const { name, at, id } = await newService()
    await call(turnpike, 'POST', `${at}/resources/${id('/b')}/clone`, { path: '/b/again' })
    assert.equal((await outline(name)).filter((route) => route.includes('/b/again')).length, 4)
  })

  for (const [what, path, told] of [
    ['a path that is there', '/b/c', /there already/],
    ['another variable', '/a/{other}', /one level has one variable/],
    ['nonsense', '/x/{', /neither a literal nor a variable/],
  ] as const) {
    test(`to ${what} is refused`, async () => {
      const { name, at, id } = await newService()
      const { status, body } = await turnpike.api('POST', `${at}/resources/${id('/a/{id}')}/clone`, { path })
      assert.equal(status, 422)
      assert.match(JSON.stringify(body.errors), told)
      assert.deepEqual(await outline(name), WHOLE)
    })
  }
})

test('a service is copied with its design, and its stages if asked', async () => {
  const { name, at } = await newService()
  await call(turnpike, 'POST', `${at}/models`, { name: 'A', schema: {} })
  await call(turnpike, 'PUT', `${at}/gateway-responses`, { preset: 'envelope' })
  await call(turnpike, 'POST', `${at}/stages`, { name: 'live', isDefault: true, variables: { a: '1' } })
  const copy = await call(turnpike, 'POST', `${at}/copy`, { name: `${name}-copy`, withStages: true })
  assert.equal(copy.description, 'The source')
  assert.deepEqual(await outline(`${name}-copy`), WHOLE)
  const of = (path: string) => call(turnpike, 'GET', `/services/${name}-copy${path}`)
  assert.equal((await of('/models')).items?.[0]?.name, 'A')
  const stage = (await of('/stages')).items?.[0] as Json
  assert.deepEqual([stage.name, stage.variables, stage.deploymentId], ['live', { a: '1' }, null])
  assert.equal((await turnpike.api('POST', `${at}/copy`, { name: `${name}-copy` })).status, 409)
})

describe('clearing overrides', () => {
  test('below a path leaves what is said at the path itself', async () => {
    const { name, at, id } = await newService()
    const clear = (body: object) => call(turnpike, 'POST', `${at}/resources/${id('/b')}/clear-overrides`, body)
    assert.deepEqual((await clear({ plugins: ['mock'] })).cleared, [])
    assert.deepEqual((await clear({ dryRun: true })).cleared?.length, 3)
    assert.deepEqual(await outline(name), WHOLE)
    await clear({ plugins: ['request-id'] })
    assert.deepEqual(await outline(name), ['GET /a/{id}', 'PUT /a/{id}', '/b +request-id', 'GET /b', 'POST /b/c'])
  })

  test('of a stage leaves the backends of its nodes', async () => {
    const { at } = await newService()
    const backend = { targets: [{ url: 'http://127.0.0.1:9', weight: 1 }] }
    const overlay = [
      { path: '/b', verb: null, plugins: [requestId] },
      { path: '/b', verb: 'GET', plugins: [off] },
      { path: '/b/c', verb: null, plugins: [off], backend },
      { path: '/a/{id}', verb: null, plugins: [off] },
    ]
    await call(turnpike, 'POST', `${at}/stages`, { name: 'live' })
    await call(turnpike, 'PATCH', `${at}/stages/live`, { overlay })
    const { cleared } = await call(turnpike, 'POST', `${at}/stages/live/clear-overrides`, { path: '/b' })
    assert.equal(cleared?.length, 2)
    const stage = await call(turnpike, 'GET', `${at}/stages/live`)
    assert.deepEqual(
      (stage.overlay as unknown as Json[]).map(
        ({ path, verb, plugins }) => `${verb ?? ''} ${path} ${(plugins as unknown as Json[]).length}`,
      ),
      [' /b 1', ' /b/c 0', ' /a/{id} 1'],
    )
  })
})
