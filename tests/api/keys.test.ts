import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { keyOrders } from '../../src/control/list-keys.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Keys and plans over the management API: lists, files, rules. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1', '--max-keys', '400'] })
  for (const name of ['shop', 'blog']) {
    await call('POST', '/services', { name })
    await call('POST', `/services/${name}/stages`, { name: 'live' })
  }
  await call('POST', '/plans', { name: 'gold', requestsPerSecond: 10 })
  await call('PUT', '/plans/gold/stages/shop/live')
})
after(() => turnpike.stop())

const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
const list = (value: unknown) => value as readonly Json[]
const exported = async () => {
  const answer = await fetch(`http://127.0.0.1:${turnpike.managementPort}/api/v1/keys/export`, {
    headers: { authorization: `Bearer ${turnpike.token}` },
  })
  assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8')
  return answer.text()
}

describe('what cannot be', () => {
  const cases: [what: string, method: string, path: string, body: unknown, status: number, message: RegExp][] = [
    ['a value that is too short', 'POST', '/keys', { name: 'x', primary: 'abc-123' }, 400, /\/primary/],
    ['a value with a space', 'POST', '/keys', { name: 'x', primary: 'abcdefghij klm' }, 400, /\/primary/],
    [
      'values that are the same',
      'POST',
      '/keys',
      { name: 'x', primary: 'abcdefghij', secondary: 'abcdefghij' },
      422,
      /\/secondary/,
    ],
    ['an expiry that has been', 'POST', '/keys', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 422, /\/expiresAt/],
    ['a name of two lines', 'POST', '/keys', { name: 'a\nb' }, 400, /\/name/],
    ['no name', 'POST', '/keys', {}, 400, /name/],
    ['a rate of 0', 'POST', '/plans', { name: 'x', requestsPerSecond: 0 }, 400, /requestsPerSecond/],
    ['a burst without a rate', 'POST', '/plans', { name: 'x', burst: 5 }, 422, /\/burst/],
    ['a quota per week', 'POST', '/plans', { name: 'x', quota: { requests: 1, per: 'week' } }, 400, /\/quota\/per/],
    [
      'a quota that is too large',
      'POST',
      '/plans',
      { name: 'x', quota: { requests: 2e9, per: 'day' } },
      400,
      /\/quota\/requests/,
    ],
    ['a plan of that name', 'POST', '/plans', { name: 'gold' }, 409, /already a plan/],
    ['a plan for a stage that is not there', 'PUT', '/plans/gold/stages/shop/none', undefined, 404, /shop\/none/],
    ['a subscription of nobody', 'PUT', '/keys/nobody/subscriptions/shop/live', { plan: 'gold' }, 404, /no key/],
  ]
  for (const [what, method, path, body, status, message] of cases)
    test(what, async () => {
      const answer = await turnpike.api(method, path, body)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match(JSON.stringify(answer.body), message)
    })

  test('two keys with one name or value', async () => {
    await call('POST', '/keys', { name: 'one', primary: 'value-of-one-1' })
    assert.equal((await turnpike.api('POST', '/keys', { name: 'one' })).status, 409)
    for (const slot of ['primary', 'secondary'])
      assert.equal((await turnpike.api('POST', '/keys', { name: 'two', [slot]: 'value-of-one-1' })).status, 409)
    const again = await turnpike.api('POST', '/keys/one/regenerate', { which: 'secondary', value: 'value-of-one-1' })
    assert.equal(again.status, 422)
  })

  test('deleting what is in use, from either end', async () => {
    await call('POST', '/keys', { name: 'user' })
    await call('PUT', '/keys/user/subscriptions/shop/live', { plan: 'gold' })
    const cases: [path: string, message: RegExp][] = [
      ['/keys/user', /subscribed to shop\/live \(plan gold\)/],
      ['/plans/gold', /connected to shop\/live/],
      ['/plans/gold/stages/shop/live', /1 key is subscribed/],
      ['/services/shop/stages/live', /connected to the usage plan "gold"/],
      ['/services/shop', /connected to the usage plan "gold" \(stage live\)/],
    ]
    for (const [path, message] of cases) {
      const answer = await turnpike.api('DELETE', path)
      assert.equal(answer.status, 409, path)
      assert.match(String(answer.body.detail), message)
    }
    await call('DELETE', '/keys/user/subscriptions/shop/live')
    assert.equal((await turnpike.api('DELETE', '/keys/user/subscriptions/shop/live')).status, 404)
    await call('DELETE', '/keys/user')
  })
})

describe('CSV', () => {
  const importing = (csv: string, dryRun = false) => turnpike.api('POST', '/keys/import', { csv, dryRun })

  test('keys are made of it, with their subscriptions; values that were given are not told', async () => {
    const csv = [
      'name,description,primary,active,expiresAt,subscriptions',
      '"Acme, Inc.","Says ""hello""\nin two lines",acme-value-0001,,2099-01-01T00:00:00Z,shop/live=gold',
      'Ölmühle,,,false,,',
    ].join('\r\n')
    const before = await call('GET', '/keys')
    assert.equal((await importing(csv, true)).status, 200)
    assert.deepEqual(await call('GET', '/keys'), before)
    const { status, body } = await importing(`\ufeff${csv}`)
    assert.equal(status, 200, JSON.stringify(body))
    const [acme, mill] = list(body.keys)
    assert.equal(acme?.primary, null)
    assert.match(String(acme?.secondary), /^[A-Za-z0-9]{32}$/)
    assert.match(String(mill?.primary), /^[A-Za-z0-9]{32}$/)
    assert.equal((await call('GET', `/keys/${mill?.id}`)).active, false)
    assert.equal((await call('GET', `/keys/${acme?.id}`)).description, 'Says "hello"\nin two lines')
    assert.equal(list((await call('GET', `/keys/${acme?.id}/subscriptions`)).items)[0]?.plan, 'gold')

    const text = await exported()
    assert.match(text, /"Acme, Inc\.",/)
    assert.match(text, /shop\/live=gold/)
    assert.ok(!text.includes('acme-value'))
    await call('DELETE', `/keys/${acme?.id}/subscriptions/shop/live`)
    for (const one of [acme, mill]) await call('DELETE', `/keys/${one?.id}`)
    // What was exported can be imported.
    assert.equal(
      (
        await importing(
          text
            .split('\n')
            .filter((line) => !/^(one|user),/.test(line))
            .join('\n'),
          true,
        )
      ).status,
      200,
    )
  })

  const line = (cells: string) => `name,primary,secondary,active,expiresAt,subscriptions\ngood,,,,,\n${cells}\n`
  const mistakes: [what: string, csv: string, path: string, message: RegExp][] = [
    ['nothing', '', '/csv', /empty/],
    ['only a head', 'name\n', '/csv', /no keys/],
    ['no names', 'primary\nabc\n', '/csv', /"name" is missing/],
    ['a column that is not known', 'name,secret\na,b\n', '/csv', /no column "secret"/],
    ['a column twice', 'name,name\na,b\n', '/csv', /there twice/],
    ['a quote that does not end', 'name\n"a\n', '/csv', /[Qq]uote/],
    ['too few values', line('a,b'), '/lines/3', /Line 3: it has 2 values for 6 columns/],
    ['a name that is missing', line(',,,,,'), '/lines/3/name', /Line 3: the name is missing/],
    ['a name that is taken', line('one,,,,,'), '/lines/3/name', /already a key "one"/],
    ['a name twice', line('good,,,,,'), '/lines/3/name', /is in line 2 too/],
    ['a value that is too short', line('a,short,,,,'), '/lines/3/primary', /fewer than ten/],
    ['a value that is taken', line('a,,value-of-one-1,,,'), '/lines/3/secondary', /another key/],
    ['values that are the same', line('a,same-value-1,same-value-1,,,'), '/lines/3/secondary', /must differ/],
    ['neither true nor false', line('a,,,yes,,'), '/lines/3/active', /neither true nor false/],
    ['an expiry that has been', line('a,,,,2001-01-01,'), '/lines/3/expiresAt', /not a time in the future/],
    ['no subscription', line('a,,,,,shop'), '/lines/3/subscriptions', /SERVICE\/STAGE=PLAN/],
    ['a plan that is not there', line('a,,,,,shop/live=none'), '/lines/3/subscriptions', /no plan "none"/],
    ['a plan that is not connected', line('a,,,,,blog/live=gold'), '/lines/3/subscriptions', /not connected/],
    ['a stage twice', line('a,,,,,shop/live=gold shop/live=gold'), '/lines/3/subscriptions', /there twice/],
  ]
  for (const [what, csv, path, message] of mistakes)
    test(`${what}: nothing is imported, and it is told`, async () => {
      const before = await call('GET', '/keys')
      const { status, body } = await importing(csv)
      assert.equal(status, 422)
      const [problem, ...others] = list(body.errors)
      assert.equal(problem?.path, path)
      assert.match(String(problem?.message), message)
      assert.deepEqual(others, [])
      assert.deepEqual(await call('GET', '/keys'), before)
    })

  test('all mistakes are told, each with its line', async () => {
    const csv = `name,active\n${Array.from({ length: 50 }, (_, i) => `key-${i},${i % 2 === 0 ? 'no' : ''}`).join('\n')}\n`
    const { body } = await importing(csv)
    assert.equal(list(body.errors).length, 25)
    assert.match(String(body.detail), /25 mistakes/)
  })

  test('there is room for so many and no more', async () => {
    const lines = (count: number) => `name\n${Array.from({ length: count }, (_, i) => `many-${i}`).join('\n')}\n`
    const { status, body } = await importing(lines(400))
    assert.equal(status, 409)
    assert.match(String(body.detail), /room for 400 keys.*--max-keys/)
    assert.equal((await importing(lines(300))).status, 200)
  })
})

describe('lists', () => {
  for (const sort of keyOrders)
    test(`${sort}, page by page`, async () => {
      const all: string[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: Json = await call('GET', `/keys?${new URLSearchParams({ sort, after, limit: '70' })}`)
        all.push(...list(page.items).map(({ name }) => String(name)))
        after = page.next as unknown as string | null
      }
      assert.equal(all.length, 301)
      assert.equal(new Set(all).size, 301)
      if (sort === 'name') assert.deepEqual(all, all.toSorted())
    })

  test('those of a plan, or of a stage, with what each is subscribed to', async () => {
    const plan = await call('POST', '/plans', { name: 'listed' })
    const [connected] = list((await call('PUT', '/plans/listed/stages/blog/live')).items)
    await call('POST', '/keys', { name: 'Listed one' })
    await call('POST', '/keys', { name: 'Listed two' })
    await call('PUT', '/keys/Listed one/subscriptions/blog/live', { plan: 'listed' })
    const names = async (query: string) =>
      list((await call('GET', `/keys?q=listed&${query}`)).items).map(({ name }) => String(name))
    for (const query of ['plan=listed', `plan=${plan.id}`, `stageId=${connected?.stageId}`])
      assert.deepEqual(await names(query), ['Listed one'], query)
    assert.deepEqual(await names('plan=gold'), [])
    assert.deepEqual(await names(`plan=gold&stageId=${connected?.stageId}`), [])
    const plans = list((await call('GET', `/plans?stageId=${connected?.stageId}`)).items)
    assert.deepEqual(
      plans.map(({ name }) => name),
      ['listed'],
    )
    const [first, second] = list((await call('GET', '/keys?q=listed')).items)
    assert.deepEqual(
      list(first?.subscriptions).map(({ service, stage, plan: through }) => `${service}/${stage}=${through}`),
      ['blog/live=listed'],
    )
    assert.deepEqual(second?.subscriptions, [])
    assert.equal((await turnpike.api('GET', '/keys?plan=nothing')).status, 404)
  })

  test('searched', async () => {
    const { items, next } = await call('GET', '/keys?q=MANY-29')
    assert.equal(list(items).length, 11)
    assert.equal(next, null)
    assert.equal((await turnpike.api('GET', '/keys?sort=createdAt&after=x')).status, 422)
  })
})
