import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { rawRequest, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Usage plans and API keys in a setup: what they do to the gateway, what is told of them, and what cannot be. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1', '--max-keys', '3'] })
})
after(() => turnpike.stop())

interface Plan {
  readonly changes: {
    readonly action: string
    readonly kind: string
    readonly service: string | null
    readonly name: string
    readonly differences: { readonly text: string }[]
  }[]
  readonly fingerprint: string
}
type Options = { readonly prune?: boolean; readonly deploy?: boolean; readonly fingerprint?: string }

const plan = async (document: object, options: Options = {}) =>
  (await call(turnpike, 'POST', '/declarative/plan', { document, ...options })) as unknown as Plan
const apply = async (document: object, options: Options = {}) =>
  (await call(turnpike, 'POST', '/declarative/apply', { document, ...options })) as unknown as Plan
const exported = () => call(turnpike, 'GET', '/declarative')
const texts = ({ changes }: Plan) => changes.flatMap(({ differences }) => differences.map(({ text }) => text))
const told = ({ changes }: Plan) => changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`)
const refused = async (document: object, options: Options = {}) => {
  const { status, body } = await turnpike.api('POST', '/declarative/plan', { document, ...options })
  assert.equal(status, 422, JSON.stringify(body))
  return (body.errors as unknown as { path: string; message: string }[]).map(
    ({ path, message }) => `${path}: ${message}`,
  )
}

const service = (...stages: string[]) => ({
  design: { paths: { '/a': { methods: { GET: { backend: { kind: 'mock' } } } } } },
  stages: Object.fromEntries(
    stages.map((name) => [name, { isDefault: name === 'live', plugins: [{ plugin: 'key-auth', config: {} }] }]),
  ),
})
/** A shop with a plan, and Acme subscribed through it. */
const shop = (values: object = { primary: 'acme-value-0001' }) => ({
  turnpike: 1,
  services: { shop: service('live', 'test') },
  plans: { gold: { requestsPerSecond: 100, stages: ['shop/live', 'shop/test'] } },
  keys: { Acme: { description: 'Web shop', subscriptions: { 'shop/live': 'gold' }, values } },
})
const statusFor = async (value: string) => {
  const head = `GET /a HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\nx-api-key: ${value}`
  const [status] = statuses(await rawRequest(turnpike.gatewayPort, `${head}\r\n\r\n`))
  return status
}

beforeEach(() => apply({ turnpike: 1, services: {}, plans: {}, keys: {} }, { prune: true }))

describe('what is applied holds at once', () => {
  beforeEach(() => apply(shop(), { deploy: true }))

  test('a key with its value', async () => {
    assert.equal(await statusFor('acme-value-0001'), 200)
    assert.equal(await statusFor('acme-value-0002'), 401)
  })

  test('another value, and the old one no longer', async () => {
    await apply(shop({ primary: 'acme-value-0002', secondary: 'acme-value-0001' }))
    assert.equal(await statusFor('acme-value-0002'), 200)
    assert.equal(await statusFor('acme-value-0001'), 200)
    await apply(shop({ primary: 'acme-value-0002', secondary: 'acme-value-0003' }))
    assert.equal(await statusFor('acme-value-0001'), 401)
  })

  const changes: [what: string, document: object, status: number][] = [
    ['an inactive key', { keys: { Acme: { active: false, subscriptions: { 'shop/live': 'gold' } } } }, 401],
    ['an expired key', { keys: { Acme: { expiresAt: '2020-01-01T00:00:00Z' } } }, 401],
    ['no subscription', { keys: { Acme: {} } }, 403],
    ['a deleted key', { keys: {} }, 401],
  ]
  for (const [what, document, status] of changes)
    test(what, async () => {
      await apply({ turnpike: 1, ...document }, { prune: true })
      assert.equal(await statusFor('acme-value-0001'), status)
    })

  test('another rate of a plan', async () => {
    const plans = { gold: { requestsPerSecond: 1, stages: ['shop/live', 'shop/test'] } }
    await apply({ turnpike: 1, plans })
    const found = [await statusFor('acme-value-0001'), await statusFor('acme-value-0001')]
    assert.deepEqual(found, [200, 429])
  })

  test('another plan, while the one before goes', async () => {
    const { services, plans, keys } = shop()
    const moved = { ...keys.Acme, subscriptions: { 'shop/live': 'silver' } }
    const document = { turnpike: 1, services, plans: { silver: plans.gold }, keys: { Acme: moved } }
    assert.deepEqual(told(await apply(document, { prune: true })), [
      'delete plan gold',
      'create plan silver',
      'update key Acme',
    ])
    assert.equal(await statusFor('acme-value-0001'), 200)
    const { items } = await call(turnpike, 'GET', '/plans')
    assert.deepEqual(
      (items as unknown as Json[]).map(({ name }) => name),
      ['silver'],
    )
  })

  test('a key under another name, with its value', async () => {
    const { Acme } = shop().keys
    await apply({ turnpike: 1, keys: { 'Acme, Inc.': Acme } }, { prune: true })
    assert.equal(await statusFor('acme-value-0001'), 200)
  })

  test('values that two keys swap', async () => {
    const keys = (first: string, second: string) => ({
      turnpike: 1,
      keys: {
        Acme: { subscriptions: { 'shop/live': 'gold' }, values: { primary: first } },
        Bolt: { values: { primary: second } },
      },
    })
    await apply(keys('acme-value-0001', 'bolt-value-0001'))
    await apply(keys('bolt-value-0001', 'acme-value-0001'))
    assert.deepEqual([await statusFor('bolt-value-0001'), await statusFor('acme-value-0001')], [200, 403])
  })
})

describe('values of keys', () => {
  test('are told nowhere: not in the plan, the result, the export, the audit log', async () => {
    const planned = await plan(shop())
    const applied = await apply(shop(), { fingerprint: planned.fingerprint })
    const rotated = await plan(shop({ primary: 'acme-value-0002' }))
    const others = await Promise.all(
      ['/declarative', '/audit?limit=50', '/keys/Acme'].map((path) => call(turnpike, 'GET', path)),
    )
    for (const one of [planned, applied, rotated, ...others]) assert.ok(!JSON.stringify(one).includes('acme-value'))
    assert.deepEqual(texts(rotated), ['key Acme: primary value is changed'])
  })

  test('are the same when they are given again, and stay where they are not given', async () => {
    await apply(shop())
    assert.deepEqual((await plan(shop())).changes, [])
    assert.deepEqual((await plan(shop({}))).changes, [])
  })

  test('are part of what was planned', async () => {
    const { fingerprint } = await plan(shop())
    const other = { document: shop({ primary: 'acme-value-0002' }), fingerprint }
    assert.equal((await turnpike.api('POST', '/declarative/apply', other)).status, 409)
  })

  test('are regenerated by hand where they were made', async () => {
    await apply(shop({}), { deploy: true })
    const { value } = await call(turnpike, 'POST', '/keys/Acme/regenerate', { which: 'primary' })
    assert.equal(await statusFor(String(value)), 200)
    assert.deepEqual((await plan(shop({}))).changes, [])
  })
})

test('what changes of plans and keys is told field by field', async () => {
  await apply(shop())
  const { services } = shop()
  const changed = {
    turnpike: 1,
    services,
    plans: { gold: { requestsPerSecond: 5, quota: { requests: 10, per: 'day' }, stages: ['shop/live'] } },
    keys: { Acme: { description: 'Web shop' } },
  }
  assert.deepEqual(texts(await plan(changed)), [
    'plan gold: quota is {"requests":10,"per":"day"} instead of nothing',
    'plan gold: requestsPerSecond is 5 instead of 100',
    'plan gold: stages › shop/test is removed',
    'key Acme: subscriptions › shop/live is removed: "gold"',
  ])
})

test('ids and versions are as by hand, and every change is in the audit log', async () => {
  await apply(shop())
  const [key, gold] = [await call(turnpike, 'GET', '/keys/Acme'), await call(turnpike, 'GET', '/plans/gold')]
  const document = {
    ...shop({ secondary: 'acme-value-0002' }),
    plans: { gold: { requestsPerSecond: 5, stages: ['shop/live'] } },
  }
  await apply(document)
  const [keyNow, goldNow] = [await call(turnpike, 'GET', '/keys/Acme'), await call(turnpike, 'GET', '/plans/gold')]
  assert.deepEqual([keyNow.id, keyNow.version], [key.id, Number(key.version) + 1])
  assert.deepEqual([goldNow.id, goldNow.version], [gold.id, Number(gold.version) + 1])
  const { items } = await call(turnpike, 'GET', '/audit?limit=4')
  assert.deepEqual((items as unknown as Json[]).map(({ action, kind }) => `${action} ${kind}`).sort(), [
    'disconnect plan',
    'regenerate key',
    'update key',
    'update plan',
  ])
})

test('an export makes an empty program the same', async () => {
  const document = shop()
  await apply({
    ...document,
    plans: { ...document.plans, free: { description: 'Tried out', quota: { requests: 1, per: 'month' } } },
    keys: { ...document.keys, Old: { active: false, expiresAt: '2020-01-31T00:00:00Z' } },
  })
  const before = await exported()
  const other = await startTurnpike({ args: ['--workers', '1'] })
  try {
    await call(other, 'POST', '/declarative/apply', { document: before })
    assert.deepEqual(await call(other, 'GET', '/declarative'), before)
  } finally {
    await other.stop()
  }
})

test('an export of some services has neither plans nor keys', async () => {
  await apply(shop())
  assert.deepEqual(Object.keys(await call(turnpike, 'GET', '/declarative?service=shop')), ['turnpike', 'services'])
})

describe('what a document does not mention', () => {
  beforeEach(() => apply({ ...shop(), plans: { ...shop().plans, free: {} } }))

  const cases: [what: string, document: object, options: Options, changes: string[]][] = [
    ['plans and keys stay', { plans: {}, keys: {} }, {}, []],
    ['plans and keys stay where a document has none of the kind, even with prune', {}, { prune: true }, []],
    ['plans go with prune', { plans: shop().plans }, { prune: true }, ['delete plan free']],
    ['a key goes with prune, together with its subscriptions', { keys: {} }, { prune: true }, ['delete key Acme']],
    [
      'a service, its plans and their keys go together',
      { services: {}, plans: {}, keys: {} },
      { prune: true },
      ['delete service shop', 'delete plan free', 'delete plan gold', 'delete key Acme'],
    ],
    [
      'fields have their defaults',
      { plans: { gold: { stages: ['shop/live'] } }, keys: { Acme: { subscriptions: { 'shop/live': 'gold' } } } },
      {},
      ['update plan gold', 'update key Acme'],
    ],
  ]
  for (const [what, document, options, changes] of cases)
    test(what, async () => assert.deepEqual(told(await apply({ turnpike: 1, ...document }, options)), changes))
})

describe('mistakes are told with their place', () => {
  beforeEach(() => apply(shop()))

  const { plans } = shop()
  const key = (fields: object) => ({ keys: { Bolt: fields } })
  const cases: [what: string, document: object, problems: RegExp[], options?: Options][] = [
    ['plans that are a list', { plans: [1] }, [/^\/plans: "plans" must be object/]],
    ['keys that are a list', { keys: [{ name: 'Bolt' }] }, [/^\/keys: "keys" must be object/]],
    ['a plan that is none', { plans: { x: null } }, [/^\/plans\/x: "x" must be object; write \{\}/]],
    ['a name of a plan', { plans: { Gold: {} } }, [/^\/plans\/Gold: "Gold" cannot be a name here/]],
    ['a rate', { plans: { gold: { requestsPerSecond: 0 } } }, [/^\/plans\/gold\/requestsPerSecond: .* must be >= 1/]],
    [
      'a burst without a rate',
      { plans: { gold: { ...plans.gold, requestsPerSecond: null, burst: 2 } } },
      [/^\/plans\/gold\/burst: It means nothing/],
    ],
    ['a quota', { plans: { x: { quota: { requests: 1, per: 'week' } } } }, [/^\/plans\/x\/quota\/per: .*day, month/]],
    ['a form of a stage', { plans: { x: { stages: ['live'] } } }, [/^\/plans\/x\/stages\/0: /]],
    [
      'a stage that is not there',
      { plans: { x: { stages: ['shop/live', 'shop/lve'] } } },
      [/^\/plans\/x\/stages\/1: There is no stage "shop\/lve".*did you mean "shop\/live"/],
    ],
    ['a name of a key', { keys: { ' x': {} } }, [/^\/keys\/ x: " x" cannot be a name here\. Up to 100/]],
    ['a field of a key', key({ value: 'x' }), [/^\/keys\/Bolt\/value: .*did you mean "values"/]],
    ['a value', key({ values: { primary: 'short' } }), [/^\/keys\/Bolt\/values\/primary: /]],
    [
      'two values that are the same',
      key({ values: { primary: 'bolt-value-0001', secondary: 'bolt-value-0001' } }),
      [/^\/keys\/Bolt\/values\/secondary: The two values of a key must differ/],
    ],
    [
      'a value of another key beside the document',
      key({ values: { secondary: 'acme-value-0001' } }),
      [/^\/keys\/Bolt\/values\/secondary: The value is that of another key/],
    ],
    [
      'a value of another key in the document',
      { keys: { Acme: { subscriptions: { 'shop/live': 'gold' } }, Bolt: { values: { primary: 'acme-value-0001' } } } },
      [/^\/keys\/Bolt\/values\/primary: The value is that of another key/],
    ],
    ['a time', key({ expiresAt: 'tomorrow' }), [/^\/keys\/Bolt\/expiresAt: "tomorrow" is not a time/]],
    [
      'a subscription to a stage that is not there',
      key({ subscriptions: { 'shop/nope': 'gold' } }),
      [/^\/keys\/Bolt\/subscriptions\/shop~1nope: There is no stage "shop\/nope"/],
    ],
    [
      'a subscription through a plan that is not there',
      key({ subscriptions: { 'shop/live': 'nope' } }),
      [/^\/keys\/Bolt\/subscriptions\/shop~1live: There is no plan "nope"/],
    ],
    [
      'a subscription through a plan that is not connected',
      { plans: { ...plans, free: {} }, ...key({ subscriptions: { 'shop/live': 'free' } }) },
      [/^\/keys\/Bolt\/subscriptions\/shop~1live: The plan "free" is not connected to shop\/live/],
    ],
    [
      'a connection that ends while others use it',
      { plans: { gold: { stages: ['shop/test'] } } },
      [/^\/plans\/gold\/stages: .*no longer be connected to shop\/live, but keys are subscribed through it: "Acme"/],
    ],
    [
      'a plan that goes while others use it',
      { plans: {} },
      [/^\/plans: The plan "gold" would no longer be connected to shop\/live/],
      { prune: true },
    ],
    [
      'a stage that goes while a plan stays',
      { services: { shop: service('live') } },
      [/^\/services\/shop\/stages: "shop\/test" would be deleted, but the usage plan "gold"/],
      { prune: true },
    ],
    [
      'a service that goes while a plan stays',
      { services: {} },
      [/^\/services: "shop\/live" would be deleted/, /^\/services: "shop\/test" would be deleted/],
      { prune: true },
    ],
    [
      'more keys than there is room for',
      { keys: { a: {}, b: {}, c: {} } },
      [/^\/keys: This gateway has room for 3 keys/],
    ],
    [
      'a mistake elsewhere, once',
      {
        services: { shop: { ...service('live', 'test'), nope: 1 } },
        plans: { gold: { nope: 1 } },
        ...key({ subscriptions: { 'shop/live': 'gold' } }),
      },
      [/^\/services\/shop\/nope: /, /^\/plans\/gold\/nope: /],
    ],
  ]
  for (const [what, document, problems, options = {}] of cases)
    test(what, async () => {
      const before = await exported()
      const found = await refused({ turnpike: 1, ...document }, options)
      assert.equal(found.length, problems.length, found.join('\n'))
      for (const [i, problem] of problems.entries()) assert.match(found[i] ?? '', problem)
      const applied = await turnpike.api('POST', '/declarative/apply', {
        document: { turnpike: 1, ...document },
        ...options,
      })
      assert.equal(applied.status, 422)
      assert.deepEqual(await exported(), before)
    })
})
