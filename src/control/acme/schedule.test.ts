import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAuthority } from '../../lib/fake-authority.ts'
import { renewalOf, retryOf } from './schedule.ts'

const MINUTE_MS = 60_000

test('a certificate of ninety days is renewed after sixty', () => {
  const notBefore = new Date('2026-01-01T00:00:00Z')
  const notAfter = new Date('2026-04-01T00:00:00Z')
  const { certificate } = newAuthority().issue({ commonName: 'a', names: ['a.example'], notBefore, notAfter })
  assert.equal(new Date(renewalOf(certificate)).toISOString(), '2026-03-02T00:00:00.000Z')
})

const cases: readonly [failures: number, random: number, minutes: number][] = [
  [1, 0.5, 5],
  [1, 0, 4],
  [1, 1, 6],
  [2, 0.5, 10],
  [3, 0.5, 20],
  [9, 0.5, 1280],
  [10, 0.5, 1440],
  [2000, 0.5, 1440],
]
for (const [failures, random, minutes] of cases)
  test(`${failures} failures, ${random}: again after ${minutes} minutes`, () =>
    assert.equal(Math.round((retryOf(failures, 0, random) / MINUTE_MS) * 1000) / 1000, minutes))
