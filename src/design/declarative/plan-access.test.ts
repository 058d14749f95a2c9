import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KeySlot } from '../../model/key.ts'
import { type ConnectedPlan, planKeyChange, planPlanChange, type SubscribedKey } from './plan-access.ts'
import type { Pair } from './plan-service.ts'

const own = { id: '1', version: 1, createdAt: '', updatedAt: '' }
const plan = (fields: Partial<ConnectedPlan['plan']> = {}, stages: readonly string[] = []): ConnectedPlan => ({
  plan: { ...own, name: 'gold', description: '', requestsPerSecond: null, burst: null, quota: null, ...fields },
  stages,
})
const key = (
  fields: Partial<SubscribedKey['key']> = {},
  subscriptions: Record<string, string> = {},
): SubscribedKey => ({
  key: { ...own, name: 'Acme', description: '', active: true, expiresAt: null, lastUsedAt: null, ...fields },
  subscriptions,
})

describe('changes of plans', () => {
  const cases: [what: string, pair: Pair<ConnectedPlan>, action: string | null, texts: string[]][] = [
    ['a new one', { before: null, after: plan() }, 'create', ['plan gold is added']],
    ['one that goes', { before: plan(), after: null }, 'delete', ['plan gold is removed']],
    ['what Turnpike sets by itself', { before: plan(), after: plan({ version: 2, updatedAt: 'x' }) }, null, []],
    ['stages in another order', { before: plan({}, ['a/x', 'b/x']), after: plan({}, ['b/x', 'a/x']) }, null, []],
    [
      'stages',
      { before: plan({}, ['a/x']), after: plan({}, ['b/x']) },
      'update',
      ['plan gold: stages › a/x is removed', 'plan gold: stages › b/x is added'],
    ],
    [
      'a quota',
      { before: plan({ quota: { requests: 1, per: 'day' } }), after: plan({ quota: { requests: 2, per: 'day' } }) },
      'update',
      ['plan gold: quota › requests is 2 instead of 1'],
    ],
  ]
  for (const [what, pair, action, texts] of cases)
    test(what, () => {
      const change = planPlanChange(pair)
      assert.equal(change?.action ?? null, action)
      assert.deepEqual(change?.differences.map(({ text }) => text) ?? [], texts)
    })
})

describe('changes of keys', () => {
  const cases: [what: string, pair: Pair<SubscribedKey>, values: KeySlot[], texts: string[]][] = [
    ['a new one', { before: null, after: key() }, [], ['key Acme is added']],
    ['what Turnpike sets by itself', { before: key(), after: key({ lastUsedAt: 'x', version: 2 }) }, [], []],
    ['a value', { before: key(), after: key() }, ['secondary'], ['key Acme: secondary value is changed']],
    [
      'a subscription that moves',
      { before: key({}, { 'a/x': 'gold' }), after: key({}, { 'a/x': 'free' }) },
      [],
      ['key Acme: subscriptions › a/x is "free" instead of "gold"'],
    ],
  ]
  for (const [what, pair, values, texts] of cases)
    test(what, () => assert.deepEqual(planKeyChange(pair, values)?.differences.map(({ text }) => text) ?? [], texts))
})
