import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Grants, roles } from '../model/access.ts'
import { boundedBy, mayEverywhere, mayGive, mayOnService, type Permission } from './access.ts'

const SERVICES = ['s1', 's2']
const role = fc.constantFrom(...roles)
const grants: fc.Arbitrary<Grants> = fc.record({
  role: fc.option(role),
  serviceRoles: fc.dictionary(fc.constantFrom(...SERVICES), role),
})
const permissions: readonly Permission[] = ['read', 'write', 'admin']

/** Everything that somebody may do, as a list. */
function rights(given: Grants): string[] {
  return permissions.flatMap((permission) => [
    ...(mayEverywhere(given, permission) ? [`${permission} everywhere`] : []),
    ...SERVICES.filter((id) => mayOnService(given, permission, id)).map((id) => `${permission} ${id}`),
  ])
}

describe('properties', () => {
  test('what somebody may give is never more than what they have', () => {
    fc.assert(
      fc.property(grants, grants, (own, given) => {
        if (!mayGive(own, given)) return
        for (const right of rights(given)) assert.ok(rights(own).includes(right), right)
      }),
    )
  })

  test('a token may do what both it and its owner may', () => {
    fc.assert(
      fc.property(grants, grants, (token, owner) => {
        const both = rights(token).filter((right) => rights(owner).includes(right))
        assert.deepEqual(rights(boundedBy(token, owner)), both)
      }),
    )
  })

  test('everybody may give what they have', () => {
    fc.assert(fc.property(grants, (own) => assert.ok(mayGive(own, own))))
  })
})

test('managing people is never a matter of one service', () =>
  assert.equal(mayOnService({ role: null, serviceRoles: { s1: 'admin' } }, 'admin', 's1'), false))
