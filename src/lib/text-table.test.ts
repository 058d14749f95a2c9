import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { addToTextHash, TextTable } from './text-table.ts'

function hashOf(text: string): number {
  return [...text].reduce((hash, character) => addToTextHash(hash, character.charCodeAt(0)), 0)
}

describe('a table of texts', () => {
  test('finds a part of a text, and nothing that is longer or shorter', () => {
    const table = new TextTable<number>()
    table.set('orders', 1)
    assert.equal(table.find('/a/orders/7', 3, 9, hashOf('orders')), 1)
    assert.equal(table.find('/a/orders/7', 3, 8, hashOf('order')), null)
    assert.equal(table.find('/a/orders/7', 3, 10, hashOf('orders/')), null)
    assert.equal(table.get('Orders'), null)
  })

  test('keeps texts of one hash apart', () => {
    const [one, other] = ['Aa', 'BB']
    assert.equal(hashOf(one), hashOf(other))
    const table = new TextTable<number>()
    table.set(one, 1)
    assert.equal(table.get(other), null)
    table.set(other, 2)
    assert.deepEqual([table.get(one), table.get(other)], [1, 2])
  })

  test('is what a Map is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é'), maxLength: 4 })
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.nat()), { maxLength: 200 }), fc.array(text), (entries, asked) => {
        const table = new TextTable<number>()
        for (const [key, value] of entries) table.set(key, value)
        const map = new Map(entries)
        for (const key of [...map.keys(), ...asked]) assert.equal(table.get(key), map.get(key) ?? null)
      }),
    )
  })
})
