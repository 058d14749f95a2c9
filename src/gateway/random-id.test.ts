import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomHex, randomId } from './random-id.ts'

test('ids are 32 hexadecimal digits, no two of them the same, over many pages', () => {
  const ids = Array.from({ length: 1_000 }, () => randomId())
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
  assert.equal(new Set(ids).size, ids.length)
})

for (const bytes of [1, 8, 16, 32, 512])
  test(`${bytes} random bytes are ${bytes * 2} digits`, () => {
    for (let i = 0; i < 20; i++) assert.match(randomHex(bytes), new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
  })
