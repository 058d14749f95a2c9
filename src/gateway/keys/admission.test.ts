import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { LiveKey } from '../../model/key.ts'
import type { Plan } from '../../model/plan.ts'
import { type QuotaUnit, quotaPeriodAt } from '../../model/quota-period.ts'
import { Admission } from './admission.ts'
import { KeyRegistry } from './key-registry.ts'

const KEY_ID = '0123456789abcdefghjk'
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const digest = (value: string) => hash('sha256', value, 'hex').slice(0, 32)

const planOf = (more: Partial<Plan> = {}): Plan => ({
  id: 'p',
  name: 'gold',
  description: '',
  requestsPerSecond: null,
  burst: null,
  quota: null,
  version: 1,
  createdAt: '',
  updatedAt: '',
  ...more,
})

const keyOf = (more: Partial<LiveKey> = {}): LiveKey => ({
  id: KEY_ID,
  name: 'Ada',
  digests: [digest('one'), digest('two')],
  isActive: true,
  expiresAt: 0,
  lastUsed: 0,
  subscriptions: [{ stageId: 's', planId: 'p', period: 0, used: 0 }],
  ...more,
})

/** A registry and so many workers, with clocks that the test sets. */
async function gateway(plan: Plan = planOf(), now = Date.UTC(2026, 10, 24, 12)) {
  const workers = 2
  const clock = { now, monotonic: 5e6 }
  const admissions: Admission[] = []
  const registry = new KeyRegistry({
    maxKeys: 100,
    digest,
    now: () => clock.now,
    async tell(news) {
      for (const worker of admissions)
        if ('set' in news) worker.setPlan(news.set)
        else worker.dropPlan(news.drop)
    },
  })
  for (let worker = 0; worker < workers; worker++)
    admissions.push(
      new Admission({ memory: registry.memory, digest, now: () => clock.now, monotonic: () => clock.monotonic }),
    )
  await registry.putPlan(plan)
  const stage = registry.stageNumber('s')
  let turn = 0
  return {
    clock,
    registry,
    /** Asks one worker after the other. */
    admit: (value = 'one', at = stage) => admissions[turn++ % workers]?.admit(digest(value), at),
  }
}

describe('a key', () => {
  const now = Date.UTC(2026, 10, 24, 12)
  const cases: [what: string, key: Partial<LiveKey>, value: string, refusal: string | null][] = [
    ['by its primary value', {}, 'one', null],
    ['by its secondary value', {}, 'two', null],
    ['by another value', {}, 'three', 'unknown'],
    ['that is inactive', { isActive: false }, 'one', 'inactive'],
    ['that expires in a second', { expiresAt: now + 1_000 }, 'one', null],
    ['that expires now', { expiresAt: now }, 'one', 'expired'],
    ['that has expired', { expiresAt: now - 1 }, 'one', 'expired'],
    ['that expired a second ago', { expiresAt: now - 1_000 }, 'one', 'expired'],
    ['that is not subscribed', { subscriptions: [] }, 'one', 'not-subscribed'],
    [
      'of another stage',
      { subscriptions: [{ stageId: 'x', planId: 'p', period: 0, used: 0 }] },
      'one',
      'not-subscribed',
    ],
  ]
  for (const [what, key, value, refusal] of cases)
    test(`${what}: ${refusal ?? 'passes'}`, async () => {
      const { registry, admit } = await gateway()
      registry.putKey(keyOf(key))
      const verdict = admit(value)
      assert.equal(verdict?.refusal, refusal)
      const { id, name, groups } = verdict.consumer ?? {}
      assert.deepEqual(
        [id, name, groups],
        refusal === null ? [KEY_ID, 'Ada', ['gold']] : [undefined, undefined, undefined],
      )
    })

  test('that is changed has its changes at once', async () => {
    const { registry, admit } = await gateway()
    registry.putKey(keyOf())
    assert.equal(admit()?.consumer?.name, 'Ada')
    registry.putKey(keyOf({ name: 'Ada Lovelace' }))
    assert.equal(admit()?.consumer?.name, 'Ada Lovelace')
    assert.equal(admit()?.consumer?.name, 'Ada Lovelace')
    registry.putKey(keyOf({ isActive: false }))
    assert.equal(admit()?.refusal, 'inactive')
    registry.removeKey(KEY_ID)
    assert.equal(admit()?.refusal, 'unknown')
  })

  test('notes the minute when it was used, once a minute', async () => {
    const { registry, admit, clock } = await gateway()
    registry.putKey(keyOf())
    admit()
    admit()
    const minute = Math.floor(clock.now / 60_000)
    assert.deepEqual(registry.takeTouched(10), { keys: [{ keyId: KEY_ID, minute }], isAll: true })
    admit()
    assert.deepEqual(registry.takeTouched(10).keys, [])
    clock.now += 60_000
    admit()
    assert.deepEqual(registry.takeTouched(10).keys, [{ keyId: KEY_ID, minute: minute + 1 }])
  })
})

test('when many keys were used, each has its turn to be told', async () => {
  const { registry, admit } = await gateway()
  const ids = Array.from({ length: 80 }, (_, i) => `${ALPHABET[i >> 5]}${ALPHABET[i & 31]}${KEY_ID.slice(2)}`)
  for (const id of ids) registry.putKey(keyOf({ id, digests: [digest(id), digest(`${id} 2`)] }))
  for (const id of ids) assert.equal(admit(id)?.refusal, null)
  const touched = new Int32Array(registry.memory.touched)
  const told = new Set<string>()
  for (let isAll = false; !isAll; ) {
    const taken = registry.takeTouched(10)
    for (const { keyId } of taken.keys) told.add(keyId)
    ;({ isAll } = taken)
    // The first keys are used again and again.
    if (told.size < ids.length) Atomics.or(touched, 0, 2)
  }
  assert.deepEqual([...told].sort(), ids.sort())
})

describe('the rate of a plan', () => {
  test('is one for all workers, and says when to come again', async () => {
    const { registry, admit, clock } = await gateway(planOf({ requestsPerSecond: 10, burst: 3 }))
    registry.putKey(keyOf())
    assert.deepEqual(
      [admit(), admit(), admit()].map((verdict) => verdict?.refusal),
      [null, null, null],
    )
    const verdict = admit()
    assert.equal(verdict?.refusal, 'rate-limited')
    assert.equal(verdict.waitMs, 100)
    clock.monotonic += 100
    assert.equal(admit()?.refusal, null)
    assert.equal(admit()?.refusal, 'rate-limited')
    assert.equal(registry.stateOf(KEY_ID).subscriptions[0]?.lastRefusal?.reason, 'rate-limited')
  })

  test('changes for all keys at once, with a full bucket', async () => {
    const { registry, admit } = await gateway(planOf({ requestsPerSecond: 1 }))
    registry.putKey(keyOf())
    admit()
    assert.equal(admit()?.refusal, 'rate-limited')
    await registry.putPlan(planOf({ requestsPerSecond: 1_000_000, burst: 2 }))
    assert.equal(admit()?.refusal, null)
    await registry.putPlan(planOf())
    for (let i = 0; i < 10; i++) assert.equal(admit()?.refusal, null)
  })
})

describe('the quota of a plan', () => {
  test('admits exactly so many in each period, whatever the month, with restarts and changes in between', async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ pause: fc.integer({ min: 0, max: 40 * 3_600_000 }), requests: fc.nat(4) }) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
      { weight: 1, arbitrary: fc.constant('maintain' as const) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<QuotaUnit>('day', 'month'),
        fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2030, 0) }),
        fc.array(step, { maxLength: 120, size: 'max' }),
        async (unit, start, steps) => {
          const plan = planOf({ quota: { requests: 5, per: unit } })
          let { registry, admit, clock } = await gateway(plan, start)
          registry.putKey(keyOf())
          const used = new Map<number, number>()
          for (const step of steps) {
            if (step === 'maintain') registry.maintain()
            else if (step === 'restart') {
              const [last] = registry.stateOf(KEY_ID).subscriptions
              const { now } = clock
              ;({ registry, admit, clock } = await gateway(plan, now))
              const { number } = quotaPeriodAt(unit, now)
              registry.putKey(
                keyOf({ subscriptions: [{ stageId: 's', planId: 'p', period: number, used: last?.used ?? 0 }] }),
              )
            } else {
              clock.now += step.pause
              // What the program does each second.
              registry.maintain()
              const period = quotaPeriodAt(unit, clock.now)
              for (let i = 0; i < step.requests; i++) {
                const before = used.get(period.number) ?? 0
                const verdict = admit()
                assert.equal(verdict?.refusal, before < 5 ? null : 'quota-exceeded')
                assert.equal(verdict.quotaRemaining, before < 5 ? 4 - before : 0)
                if (before < 5) used.set(period.number, before + 1)
                else assert.equal(verdict.waitMs, period.endsAt - clock.now)
              }
            }
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a worker whose clock is a moment behind midnight counts where the others do', async () => {
    const { registry, admit, clock } = await gateway(planOf({ quota: { requests: 2, per: 'day' } }))
    registry.putKey(keyOf())
    const midnight = quotaPeriodAt('day', clock.now).endsAt
    clock.now = midnight
    assert.equal(admit()?.quotaRemaining, 1)
    clock.now = midnight - 1
    assert.equal(admit()?.quotaRemaining, 0)
    assert.equal(admit()?.refusal, 'quota-exceeded')
    clock.now = midnight
    assert.equal(admit()?.refusal, 'quota-exceeded')
  })

  const changes: [what: string, quota: Plan['quota'], used: number][] = [
    ['raised', { requests: 100, per: 'day' }, 3],
    ['lowered', { requests: 2, per: 'day' }, 3],
    ['by the month', { requests: 10, per: 'month' }, 3],
    ['none', null, 0],
  ]
  for (const [what, quota, used] of changes)
    test(`that becomes ${what} ${used === 0 ? 'forgets' : 'keeps'} what was used`, async () => {
      const { registry, admit } = await gateway(planOf({ quota: { requests: 10, per: 'day' } }))
      registry.putKey(keyOf())
      for (let i = 0; i < 3; i++) admit()
      await registry.putPlan(planOf({ quota }))
      assert.equal(registry.stateOf(KEY_ID).subscriptions[0]?.used, used)
      assert.equal(admit()?.refusal, quota !== null && quota.requests <= used ? 'quota-exceeded' : null)
      await registry.putPlan(planOf({ quota: { requests: 10, per: 'day' } }))
      assert.equal(
        registry.stateOf(KEY_ID).subscriptions[0]?.used,
        used === 0 ? 0 : Math.min(used + 1, quota?.requests === 2 ? 3 : 4),
      )
    })

  test('what was counted is given once, and again where it could not be written down', async () => {
    const { registry, admit, clock } = await gateway(planOf({ quota: { requests: 10, per: 'month' } }))
    registry.putKey(keyOf())
    admit()
    admit()
    const { number: period } = quotaPeriodAt('month', clock.now)
    const counted = [{ keyId: KEY_ID, stageId: 's', planId: 'p', period, used: 2 }]
    assert.deepEqual(registry.takeCounted(10), { usage: counted, isAll: true })
    assert.deepEqual(registry.takeCounted(10).usage, [])
    registry.giveBackCounted(counted)
    admit()
    assert.deepEqual(registry.takeCounted(10).usage, [{ ...counted[0], used: 3 }])
  })

  test('a leap of the date by days does not make old counts new', async () => {
    for (let days = 1; days <= 9; days++) {
      const { registry, admit, clock } = await gateway(planOf({ quota: { requests: 1, per: 'day' } }))
      registry.putKey(keyOf())
      assert.equal(admit()?.refusal, null)
      clock.now += days * 86_400_000
      registry.maintain()
      assert.equal(admit()?.refusal, null, `after ${days} days`)
    }
  })
})
