import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serviceOrders } from '../../src/control/list-services.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Lists of services: searched, sorted, page by page. */

const COUNT = 23
const PAGE = 5

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  for (let i = 0; i < COUNT; i++)
    await call('POST', '/services', { name: `s${(i * 7) % COUNT}`, description: i % 2 === 0 ? 'Even' : `ÖDD ${i}%` })
  for (const name of ['s3', 's20', 's7']) await call('PATCH', `/services/${name}`, { description: 'Changed' })
})
after(() => turnpike.stop())

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
interface Page {
  readonly items: readonly Json[]
  readonly next: string | null
}
const list = async (query: Record<string, string>) =>
  (await call('GET', `/services?${new URLSearchParams(query)}`)) as unknown as Page
const names = ({ items }: Page) => items.map(({ name }) => String(name))

describe('sorted, page by page', () => {
  for (const sort of serviceOrders) {
    test(sort, async () => {
      const field = sort.replace('-', '')
      const key = (one: Json) => `${field === 'name' ? '' : one[field]} ${one.name}`
      const all = await list({ sort, limit: '1000' })
      assert.equal(all.items.length, COUNT)
      assert.equal(all.next, null)
      const keys = all.items.map(key)
      const sorted = keys.toSorted()
      assert.deepEqual(keys, sort.startsWith('-') ? sorted.reverse() : sorted)

      const paged: string[] = []
      let sizes: number[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: Page = await list({ sort, limit: String(PAGE), after })
        paged.push(...names(page))
        sizes = [...sizes, page.items.length]
        after = page.next
      }
      assert.deepEqual(paged, names(all))
      assert.deepEqual(sizes, [5, 5, 5, 5, 3])
    })
  }

  test('what is made and deleted meanwhile leaves no other service out', async () => {
    const whole = names(await list({ sort: '-createdAt' }))
    const first = await list({ sort: '-createdAt', limit: '5' })
    await call('POST', '/services', { name: 'newcomer' })
    await call('DELETE', '/services/newcomer')
    await call('POST', '/services', { name: 'latecomer' })
    const rest = await list({ sort: '-createdAt', after: first.next ?? '' })
    assert.deepEqual([...names(first), ...names(rest)], whole)
    await call('DELETE', '/services/latecomer')
  })
})

describe('searched', () => {
  for (const [q, found] of [
    ['', COUNT],
    ['S2', 4],
    ['even', 11],
    ['öDd', 9],
    ['1%', 2],
    ['changed', 3],
    ['nowhere', 0],
    ["' or 1=1 --", 0],
  ] as const)
    test(`"${q}" is in ${found}`, async () => {
      const { items } = await list({ q })
      assert.equal(items.length, found, JSON.stringify(items.map(({ name, description }) => [name, description])))
    })

  test('with order and pages', async () => {
    const first = await list({ q: 'even', sort: '-name', limit: '4' })
    const rest = await list({ q: 'even', sort: '-name', after: first.next ?? '' })
    assert.deepEqual([...names(first), ...names(rest)], names(await list({ q: 'even' })).toReversed())
  })
})

describe('refused', () => {
  const cases: [what: string, query: Record<string, string>, status: number, told: RegExp][] = [
    ['an order that there is not', { sort: 'size' }, 400, /\/sort.*must be one of name, -name/],
    ['a page of another order', { sort: 'createdAt', after: 's3' }, 422, /\/after.*not the \\"next\\" of a page/],
    ['a page without a limit', { limit: '0' }, 400, /\/limit/],
    ['a text that is too long', { q: 'x'.repeat(201) }, 400, /\/q/],
  ]
  for (const [what, query, status, told] of cases)
    test(what, async () => {
      const answer = await turnpike.api('GET', `/services?${new URLSearchParams(query)}`)
      assert.equal(answer.status, status)
      assert.match(JSON.stringify(answer.body), told)
    })
})
