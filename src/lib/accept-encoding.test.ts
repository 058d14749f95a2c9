import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codingChooser } from './accept-encoding.ts'

const choose = codingChooser(['zstd', 'br', 'gzip'])

describe('Accept-Encoding', () => {
  const cases: [accept: string, chosen: string | undefined][] = [
    ['', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, br', 'br'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['deflate', undefined],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['gzip; q=0.500, br ; Q = 0.5', 'br'],
    ['br;q=0, gzip;q=0.001', 'gzip'],
    ['gzip;q=0', undefined],
    ['*', 'zstd'],
    ['zstd;q=0, *;q=0.3', 'br'],
    ['gzip;q=0.5, *;q=0.1', 'gzip'],
    ['*;q=0', undefined],
    ['identity', undefined],
    ['identity, gzip', 'gzip'],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity;q=0, gzip', 'gzip'],
    ['gzip;q=2', undefined],
    ['gzip;q=abc, br', 'br'],
    ['gzip;q=1;level=9', undefined],
    [',, gzip ,', 'gzip'],
    ['gzip2', undefined],
  ]
  for (const [accept, chosen] of cases)
    test(`"${accept}": ${chosen ?? 'as it is'}`, () => assert.equal(choose(accept), chosen))

  test('the order on offer decides between equals', () => {
    assert.equal(codingChooser(['gzip', 'br'])('br, gzip'), 'gzip')
  })
})
