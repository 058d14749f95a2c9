import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { LiveKey } from '../../model/key.ts'
import { KeyTableFull } from './cells.ts'
import { createKeyMemory, ENTRY_WORDS, KeyView, type LastFound, LINK, QUARANTINE_MS, USED } from './key-memory.ts'
import { type EntryValue, KeyWriter, linkOf } from './key-writer.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
/** An id that differs from others in all of its characters, as real ones do. */
const idOf = (number: number) =>
  [...hash('sha256', `id ${number}`, 'buffer').subarray(0, 20)].map((byte) => ALPHABET.charAt(byte & 31)).join('')
const digestOf = (value: string) => hash('sha256', value, 'hex').slice(0, 32)

const keyOf = (number: number, values: readonly [string, string], more: Partial<LiveKey> = {}): LiveKey => ({
  id: idOf(number),
  name: `Key ${number}`,
  digests: [digestOf(values[0]), digestOf(values[1])],
  isActive: true,
  expiresAt: 0,
  lastUsed: 0,
  subscriptions: [],
  ...more,
})

describe('the table of keys', () => {
  /** One change: of which key, to which values, name and stages; or its end. */
  const change = fc.record({
    key: fc.nat(30),
    isGone: fc.boolean(),
    values: fc.tuple(fc.nat(3), fc.nat(3)),
    name: fc.string({ unit: 'binary', maxLength: 40, size: 'max' }).map((name) => name.toWellFormed()),
    stages: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
  })

  test('after any changes it has what was put in, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300, size: 'max' }), (changes) => {
        let now = 0
        const memory = createKeyMemory(32)
        const writer = new KeyWriter(memory, () => now)
        // Another view of the same memory: what a worker would see.
        const view = new KeyView(memory)
        const keys = new Map<number, { values: [string, string]; name: string; stages: number[] }>()
        // Connections, each of which remembers what it found last.
        const lasts = Array.from({ length: 4 }, (): LastFound => ({ digest: '', record: 0, moves: -1 }))
        for (const { key, isGone, values, name, stages } of changes) {
          now += QUARANTINE_MS
          if (isGone) {
            writer.remove(idOf(key))
            keys.delete(key)
          } else {
            const texts: [string, string] = [`${key} p${values[0]}`, `${key} s${values[1]}`]
            writer.put(
              keyOf(key, texts, { name }),
              stages.map((stage): EntryValue => ({ stage, plan: 7, used: 0 })),
            )
            keys.set(key, { values: texts, name, stages })
          }
          for (const value of [0, 1, 2, 3]) {
            const digest = digestOf(`${key} p${value}`)
            for (const last of lasts.slice(value)) assert.equal(view.find(digest, last), view.find(digest))
          }
        }
        assert.equal(writer.size, keys.size)
        for (let key = 0; key <= 30; key++) {
          const expected = keys.get(key)
          for (const which of ['p', 's'])
            for (let value = 0; value <= 3; value++) {
              const text = `${key} ${which}${value}`
              const record = view.find(digestOf(text))
              assert.equal(record !== 0, expected?.values.includes(text) ?? false, text)
              if (record === 0) continue
              assert.equal(view.idOf(record), idOf(key))
              assert.equal(view.nameOf(record), expected?.name)
            }
          const record = view.findById(idOf(key))
          assert.equal(record !== 0, expected !== undefined)
          if (record !== 0)
            for (let stage = 1; stage <= 5; stage++)
              assert.equal(view.entryFor(record, stage) !== 0, expected?.stages.includes(stage))
        }
      }),
      { numRuns: 150, endOnFailure: true },
    )
  })

  test('what a subscription has counted stays when its key is changed', () => {
    const writer = new KeyWriter(createKeyMemory(10))
    const { view } = writer
    const entry = { stage: 1, plan: 2, used: 0 }
    writer.put(keyOf(1, ['a', 'b']), [entry])
    const number = view.entryFor(view.find(digestOf('a')), 1)
    Atomics.store(view.entries, number * ENTRY_WORDS + USED, 77)
    writer.put(keyOf(1, ['a', 'c'], { name: 'Other' }), [{ stage: 3, plan: 2, used: 0 }, entry])
    const kept = view.entryFor(view.find(digestOf('c')), 1)
    assert.equal(view.entries[kept * ENTRY_WORDS + USED], 77)
    assert.equal(view.entries[kept * ENTRY_WORDS + LINK], linkOf(entry))
    assert.equal(writer.ownerOf(kept), view.find(digestOf('c')))
  })

  test('what is full says so, and goes on', () => {
    const writer = new KeyWriter(createKeyMemory(2))
    writer.put(keyOf(1, ['a', 'b']), [])
    writer.put(keyOf(2, ['c', 'd']), [])
    assert.throws(() => writer.put(keyOf(3, ['e', 'f']), []), KeyTableFull)
    assert.equal(writer.view.find(digestOf('e')), 0)
    assert.notEqual(writer.view.find(digestOf('d')), 0)
  })

  test('what is gone is not used again at once', () => {
    let now = 0
    const writer = new KeyWriter(createKeyMemory(10), () => now)
    writer.put(keyOf(1, ['a', 'b']), [])
    const record = writer.view.find(digestOf('a'))
    writer.remove(idOf(1))
    writer.put(keyOf(2, ['c', 'd']), [])
    assert.notEqual(writer.view.find(digestOf('c')), record)
    assert.equal(writer.view.idOf(record), idOf(1))
    now = QUARANTINE_MS
    writer.put(keyOf(3, ['e', 'f']), [])
    assert.equal(writer.view.find(digestOf('e')), record)
  })

  test('it can be full, and what is not there is still found not to be', () => {
    let now = 0
    const writer = new KeyWriter(createKeyMemory(16), () => now)
    for (let i = 0; i < 5_000; i++) {
      if (i >= 16) writer.remove(idOf(i - 16))
      now += QUARANTINE_MS
      writer.put(keyOf(i, [`p${i}`, `s${i}`]), [])
      assert.equal(writer.view.find(digestOf(`p${i - 16}`)), 0)
      for (let other = Math.max(0, i - 15); other <= i; other++)
        assert.notEqual(writer.view.find(digestOf(`s${other}`)), 0)
    }
  })
})
