import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ID_DIGITS, randomHex, randomId, writeRandomId } from './random-id.ts'

const into = Buffer.alloc(ID_DIGITS)
const view = new DataView(into.buffer, into.byteOffset, into.length)
const makers = {
  randomId,
  writeRandomId: () => {
    writeRandomId(view, 0)
    return into.toString('latin1')
  },
}
for (const [name, make] of Object.entries(makers))
  test(`${name}: ids are 32 hexadecimal digits, no two of them the same, over many pages`, () => {
    const ids = Array.from({ length: 1_000 }, make)
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(new Set(ids.join('')).size, 16)
  })

for (const bytes of [1, 8, 16, 32, 512])
  test(`${bytes} random bytes are ${bytes * 2} digits`, () => {
    for (let i = 0; i < 20; i++) assert.match(randomHex(bytes), new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
  })
