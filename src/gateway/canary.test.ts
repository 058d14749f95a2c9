import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { CanaryTerms } from '../model/canary.ts'
import { nobody } from './backend/fake-parts.ts'
import { Canary } from './canary.ts'
import { GatewayExchange } from './exchange.ts'
import type { StageTable } from './table.ts'

/** Only handed on here. */
const table = {} as StageTable
const terms = (more: Partial<CanaryTerms>): CanaryTerms => ({
  share: 50,
  by: 'client-ip',
  name: null,
  deploymentId: 's',
  liveDeploymentId: 'l',
  ...more,
})

function from(clientIp: string, headers: Record<string, string> = {}): GatewayExchange {
  const x = new GatewayExchange(nobody)
  x.clientIp = clientIp
  for (const [name, value] of Object.entries(headers)) x.request.headers.add(name, value)
  return x
}

const callers = Array.from({ length: 20_000 }, (_, i) => from(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`))
const takenOf = (canary: Canary) => callers.map((x) => canary.takes(x))
const count = (taken: readonly boolean[]) => taken.filter(Boolean).length

describe('the share of a canary', () => {
  for (const share of [0, 0.5, 1, 5, 50, 99.5, 100])
    test(`${share} % of the callers are taken`, () => {
      const taken = count(takenOf(new Canary(table, terms({ share }))))
      const wanted = (callers.length * share) / 100
      // Five standard deviations of a fair choice; nothing at the ends.
      const slack = 5 * Math.sqrt((wanted * (100 - share)) / 100)
      assert.ok(Math.abs(taken - wanted) <= slack, `${taken} of ${callers.length}`)
    })

  test('any two shares: who belongs to the smaller one belongs to the larger one', () => {
    const share = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100)
    fc.assert(
      fc.property(
        fc.string(),
        fc.tuple(share, share),
        fc.array(fc.ipV4(), { maxLength: 50 }),
        (deploymentId, shares, addresses) => {
          const [small, large] = [Math.min(...shares), Math.max(...shares)]
          const [before, after] = [small, large].map((each) => new Canary(table, terms({ deploymentId, share: each })))
          for (const address of addresses) if (before?.takes(from(address))) assert.ok(after?.takes(from(address)))
        },
      ),
    )
  })

  test('another canary chooses others', () => {
    const [one, other] = ['a', 'b'].map((deploymentId) => takenOf(new Canary(table, terms({ deploymentId }))))
    const both = one?.filter((taken, i) => taken && other?.[i]).length ?? 0
    assert.ok(both > callers.length * 0.2 && both < callers.length * 0.3, `${both} are taken by both`)
  })
})

describe('who a caller is', () => {
  const cases: [what: string, by: Partial<CanaryTerms>, a: GatewayExchange, b: GatewayExchange, isSame: boolean][] = [
    [
      'a header, from anywhere',
      { by: 'header', name: 'X-Key' },
      from('1.1.1.1', { 'x-key': 'k' }),
      from('2.2.2.2', { 'X-KEY': 'k' }),
      true,
    ],
    [
      'other headers',
      { by: 'header', name: 'x-key' },
      from('1.1.1.1', { 'x-key': 'k' }),
      from('1.1.1.1', { 'x-key': 'l' }),
      false,
    ],
    [
      'no header, one address',
      { by: 'header', name: 'x-key' },
      from('1.1.1.1'),
      from('1.1.1.1', { 'x-other': 'k' }),
      true,
    ],
    [
      'a cookie among others',
      { by: 'cookie', name: 'id' },
      from('1.1.1.1', { cookie: 'a=b; id=k' }),
      from('2.2.2.2', { cookie: 'id=k; xid=l' }),
      true,
    ],
    [
      'a cookie of a longer name',
      { by: 'cookie', name: 'id' },
      from('1.1.1.1', { cookie: 'xid=k' }),
      from('1.1.1.1', { cookie: 'xid=l' }),
      true,
    ],
    [
      'other cookies',
      { by: 'cookie', name: 'id' },
      from('1.1.1.1', { cookie: 'id=k' }),
      from('1.1.1.1', { cookie: 'id=l' }),
      false,
    ],
  ]
  for (const [what, by, a, b, isSame] of cases)
    test(`${what}: ${isSame ? 'the same' : 'another'}`, () => {
      // Over many seeds: two callers that are not the same fall apart in half of them.
      const apart = Array.from(
        { length: 60 },
        (_, i) => new Canary(table, terms({ ...by, deploymentId: `${i}` })),
      ).filter((canary) => canary.takes(a) !== canary.takes(b)).length
      assert.equal(apart === 0, isSame)
    })
})
