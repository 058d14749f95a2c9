import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ExchangeParts, exchange, fakeEnv, fakePolicies } from './fake-exchange.ts'
import type { RestrictionPolicy } from './policies.ts'
import { restrictionPolicy } from './restriction-policy.ts'

const value = (name: string, more: Partial<RestrictionPolicy['values'][number]> = {}) => ({
  value: name,
  requestsPerSecond: null,
  networks: null,
  ...more,
})

const inOffice = { mode: 'allow', list: ['10.0.0.0/8'] } as const
const policy: RestrictionPolicy = {
  key: { in: 'header', name: 'X-Tenant' },
  requestsPerSecond: null,
  unlisted: 'pass',
  remainingHeader: null,
  values: [
    value('slow', { requestsPerSecond: 1 }),
    value('inside', { networks: inOffice }),
    value('outside', { networks: { mode: 'deny', list: ['10.0.0.0/8'] } }),
    value('both', { requestsPerSecond: 1, networks: inOffice }),
    value('größe', { requestsPerSecond: 1 }),
    value('a b', { requestsPerSecond: 1 }),
  ],
}

function handlers(more: Partial<RestrictionPolicy> = {}) {
  const env = fakeEnv({ policies: fakePolicies({ tenants: { ...policy, ...more } }) })
  return restrictionPolicy.create({ policy: 'tenants' }, env)
}

/** What becomes of requests that come one after the other: the code of the reply, or "passes". */
function outcomes(more: Partial<RestrictionPolicy>, requests: readonly ExchangeParts[]): string[] {
  const { onRequest } = handlers(more)
  return requests.map((parts) => {
    const outcome = onRequest?.(exchange(parts))
    return outcome !== undefined && 'reply' in (outcome as object) ? (outcome as { reply: string }).reply : 'passes'
  })
}

const of = (tenant: string, clientIp = '192.0.2.1'): ExchangeParts => ({ headers: { 'x-tenant': tenant }, clientIp })
const at = (id: string): ExchangeParts => ({ variables: { id } })
const byPath = { key: { in: 'path-variable', name: 'id' } } as const

describe('restriction-policy', () => {
  const cases: readonly [what: string, Partial<RestrictionPolicy>, readonly ExchangeParts[], readonly string[]][] = [
    ['a value has its own rate', {}, [of('slow'), of('slow')], ['passes', 'rate-limited']],
    [
      'values are compared with their capitals',
      {},
      [of('slow'), of('Slow'), of('Slow')],
      ['passes', 'passes', 'passes'],
    ],
    [
      'a value without a rate has that of the policy, and a count of its own',
      { requestsPerSecond: 1 },
      [of('outside'), of('unknown'), of('outside'), of('unknown')],
      ['passes', 'passes', 'rate-limited', 'rate-limited'],
    ],
    ['only those listed may come', {}, [of('inside', '10.1.2.3'), of('inside')], ['passes', 'policy-address-denied']],
    ['those listed may not come', {}, [of('outside', '10.1.2.3'), of('outside')], ['policy-address-denied', 'passes']],
    [
      'a wrong address takes nothing of the rate',
      {},
      [of('both'), of('both', '10.1.2.3'), of('both', '10.1.2.3')],
      ['policy-address-denied', 'passes', 'rate-limited'],
    ],
    [
      'a request without a value is not limited',
      { requestsPerSecond: 1 },
      [{}, {}, of('')],
      ['passes', 'passes', 'passes'],
    ],
    [
      'what is not listed can be refused, and what has no value',
      { unlisted: 'refuse' },
      [of('slow'), of('unknown'), of(''), {}],
      ['passes', 'policy-value-denied', 'policy-value-denied', 'policy-value-denied'],
    ],
    ['a path variable is read after decoding', byPath, [at('a%20b'), at('a%20b')], ['passes', 'rate-limited']],
    ['all ways to write a path variable are one value', byPath, [at('%73low'), at('slow')], ['passes', 'rate-limited']],
    [
      'a header in UTF-8 is found',
      {},
      [of(Buffer.from('größe').toString('latin1')), of(Buffer.from('größe').toString('latin1'))],
      ['passes', 'rate-limited'],
    ],
  ]
  for (const [what, more, requests, expected] of cases)
    test(what, () => assert.deepEqual(outcomes(more, requests), expected))

  test('a header that is there twice is refused', () => {
    const x = exchange(of('slow'))
    x.request.headers.add('X-Tenant', 'inside')
    assert.deepEqual(handlers().onRequest?.(x), { reply: 'policy-value-repeated' })
  })

  test('answers say what is left, and refusals when to come again', () => {
    const { onRequest, onResponse } = handlers({ remainingHeader: 'x-left' })
    const x = exchange(of('slow'))
    onRequest?.(x)
    onResponse?.(x)
    assert.equal(x.response.headers.get('x-left'), '0')
    assert.deepEqual(onRequest?.(exchange(of('slow'))), {
      reply: 'rate-limited',
      headers: [
        ['Retry-After', '1'],
        ['x-left', '0'],
      ],
    })
    const free = exchange(of('inside', '10.1.2.3'))
    onRequest?.(free)
    onResponse?.(free)
    assert.equal(free.response.headers.get('x-left'), undefined)
  })

  test('a policy without that header has nothing to do with answers', () => {
    assert.equal(handlers().onResponse, undefined)
  })
})

describe('what an attachment must fit', () => {
  const policies = new Map([
    ['tenants', policy.key],
    ['ids', byPath.key],
  ])
  const check = (name: string, pathVariables: readonly string[] = []) =>
    restrictionPolicy.check?.({ policy: name }, { pathVariables, policies }).map(({ message }) => message)

  test('the policy is there', () => {
    assert.deepEqual(check('tenants'), [])
    assert.deepEqual(check('tenant'), [
      'The service has no policy "tenant"; did you mean "tenants"? Create it first, or name another.',
    ])
  })

  test('the path has the variable', () => {
    assert.deepEqual(check('ids', ['id']), [])
    assert.deepEqual(check('ids', ['pet']), [
      'The policy "ids" goes by the path variable "id", which this path does not have: it has pet.',
    ])
  })
})
