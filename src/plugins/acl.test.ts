import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { acl } from './acl.ts'
import { exchange, fakeEnv } from './fake-exchange.ts'

type Lists = Parameters<typeof acl.create>[0]
const none: Lists = { mode: 'allow', consumers: [], groups: [], scopes: [], claims: {} }
const ada = { id: 'ada', name: 'Ada', groups: ['staff', 'qa'] }

describe('acl', () => {
  const cases: [
    what: string,
    lists: Partial<Lists>,
    who: { consumer?: typeof ada; claims?: Record<string, unknown> },
    code: string | undefined,
  ][] = [
    ['by id', { consumers: ['ada'] }, { consumer: ada }, undefined],
    ['by group', { groups: ['qa'] }, { consumer: ada }, undefined],
    ['by another group', { groups: ['ops'] }, { consumer: ada }, 'acl-denied'],
    ['by a name, which is no id', { consumers: ['Ada'] }, { consumer: ada }, 'acl-denied'],
    ['by scope', { scopes: ['b'] }, { claims: { scope: 'a b c' } }, undefined],
    ['by a scope in a list', { scopes: ['b'] }, { claims: { scp: ['a', 'b'] } }, undefined],
    ['by a part of a scope', { scopes: ['a'] }, { claims: { scope: 'admin' } }, 'acl-denied'],
    ['by claim', { claims: { tier: ['gold'] } }, { claims: { tier: 'gold' } }, undefined],
    ['by a claim that is a list', { claims: { roles: ['x'] } }, { claims: { roles: ['y', 'x'] } }, undefined],
    ['by a claim that is a number', { claims: { level: ['3'] } }, { claims: { level: 3 } }, undefined],
    ['by a claim that is an object', { claims: { constructor: ['x'] } }, { claims: { a: 1 } }, 'acl-denied'],
    ['by one of several', { groups: ['ops'], scopes: ['a'] }, { consumer: ada, claims: { scope: 'a' } }, undefined],
    ['nobody', { groups: ['qa'] }, {}, 'acl-unauthenticated'],
    ['denied', { mode: 'deny', groups: ['qa'] }, { consumer: ada }, 'acl-denied'],
    ['not denied', { mode: 'deny', groups: ['ops'] }, { consumer: ada }, undefined],
    ['nobody, where some are denied', { mode: 'deny', groups: ['ops'] }, {}, 'acl-unauthenticated'],
  ]
  for (const [what, lists, who, code] of cases)
    test(`${what}: ${code ?? 'goes on'}`, () => {
      const reply = acl.create({ ...none, ...lists }, fakeEnv()).onRequest?.(exchange(who))
      assert.deepEqual(reply, code === undefined ? undefined : { reply: code })
    })

  test('lists that are all empty are refused', () => {
    assert.match(acl.check?.(none, { pathVariables: [] })[0]?.message ?? '', /all empty/)
  })
})
