import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteReader, ByteWriter, MalformedBytes } from './bytes.ts'

test('what was written is read again, in order', () => {
  const part = fc.oneof(fc.maxSafeNat(), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const writer = new ByteWriter()
      for (const one of parts) typeof one === 'number' ? writer.number(one) : writer.text(one)
      const reader = new ByteReader(writer.take())
      assert.deepEqual(
        parts.map((one) => (typeof one === 'number' ? reader.number() : reader.text())),
        parts,
      )
      assert.ok(reader.isAtEnd)
      assert.equal(writer.length, 0)
    }),
  )
})

test('many numbers are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (all) => {
      const writer = new ByteWriter()
      for (const one of all) writer.number(one)
      const into = new Float64Array(all.length)
      const bytes = writer.take()
      new ByteReader(bytes).numbers(into)
      assert.deepEqual([...into], all)
      const room = new Float64Array(bytes.length)
      assert.deepEqual([...room.subarray(0, new ByteReader(bytes).allNumbers(room))], all)
    }),
  )
  assert.throws(() => new ByteReader(new Uint8Array([1, 200])).numbers(new Float64Array(2)), MalformedBytes)
  assert.throws(() => new ByteReader(new Uint8Array([1, 200])).allNumbers(new Float64Array(2)), MalformedBytes)
})

for (const [value, length] of [
  [0, 1],
  [127, 1],
  [128, 2],
  [2 ** 31 - 1, 5],
  [2 ** 31, 5],
  [Number.MAX_SAFE_INTEGER, 8],
] as const) {
  test(`${value} takes ${length} bytes`, () => {
    const writer = new ByteWriter()
    writer.number(value)
    const bytes = writer.take()
    assert.equal(bytes.length, length)
    assert.equal(new ByteReader(bytes).number(), value)
  })
}

test('bytes that are cut off are told', () => {
  assert.throws(() => new ByteReader(new Uint8Array([200])).number(), MalformedBytes)
  assert.throws(() => new ByteReader(new Uint8Array([5, 65])).text(), MalformedBytes)
})
