import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { originTest } from './origins.ts'

const many = Array.from({ length: 100 }, (_, i) => `https://app${i}.example.com`)

const cases: readonly [origins: readonly string[], origin: string, isAllowed: boolean][] = [
  [['*'], 'https://any.example', true],
  [['https://a.example'], 'https://a.example', true],
  [['https://a.example'], 'https://b.example', false],
  [['https://a.example'], 'http://a.example', false],
  [['https://a.example'], '', false],
  [['https://*.a.example'], 'https://x.a.example', true],
  [['https://*.a.example'], 'https://x.y.a.example', true],
  [['https://*.a.example'], 'https://a.example', false],
  [['https://*.a.example'], 'https://evil.example/.a.example', false],
  [['null'], 'null', true],
  [many, 'https://app0.example.com', true],
  [many, 'https://app99.example.com', true],
  [many, 'https://app100.example.com', false],
  [[...many, 'https://*.a.example'], 'https://x.a.example', true],
]
describe('origins', () => {
  for (const [origins, origin, isAllowed] of cases)
    test(`${origins.length > 3 ? `${origins.length} of them` : origins.join(' ')} ${isAllowed ? 'allow' : 'do not allow'} ${origin || 'none'}`, () =>
      assert.equal(originTest(origins)(origin), isAllowed))
})
