import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedBytes } from '../lib/bytes.ts'
import { BACKEND_MICROS, BY_GATEWAY, BYTES_IN, BYTES_OUT, STATUS, TOTAL_MICROS } from '../model/traffic.ts'
import { arbitraryTally, countsOf } from './arbitrary-traffic.ts'
import { reasonKey, reasonOf, sumOf, Tally } from './tally.ts'
import { BLOCK, decodeBlock, decodePlaces, encodeBlock, Summary } from './tally-codec.ts'

/** The slow reference: counts by name, added up one by one. */
function reference(tallies: readonly Tally[]): [string | number, number][] {
  const sums = new Map<string | number, number>()
  for (const tally of tallies)
    for (const [name, count] of countsOf(tally)) sums.set(name, (sums.get(name) ?? 0) + count)
  const entries = [...sums]
  const cells = entries.filter(([name]) => typeof name === 'number').sort(([a], [b]) => Number(a) - Number(b))
  return [...cells, ...entries.filter(([name]) => typeof name === 'string').sort(([a], [b]) => (a < b ? -1 : 1))]
}

test('a sum is the same in whatever order it is made, and that of the reference', () => {
  fc.assert(
    fc.property(fc.array(arbitraryTally, { maxLength: 6 }), fc.nat(), (tallies, cut) => {
      const wanted = reference(tallies)
      assert.deepEqual(countsOf(sumOf(tallies)), wanted)
      assert.deepEqual(countsOf(sumOf(tallies.toReversed())), wanted)
      const at = tallies.length === 0 ? 0 : cut % tallies.length
      assert.deepEqual(countsOf(sumOf([sumOf(tallies.slice(0, at)), sumOf(tallies.slice(at))])), wanted)
    }),
  )
})

test('a block is read as it was written, all of it or a part', () => {
  const places = fc.uniqueArray(fc.tuple(fc.nat({ max: BLOCK - 1 }), arbitraryTally), { selector: ([place]) => place })
  fc.assert(
    fc.property(places, fc.array(fc.nat({ max: BLOCK - 1 })), (entries, wanted) => {
      const bytes = encodeBlock(new Map(entries))
      const plain = (all: Iterable<[number, Tally]>) =>
        [...all].sort(([a], [b]) => a - b).map(([place, tally]) => [place, countsOf(tally)])
      assert.deepEqual(plain(decodeBlock(bytes)), plain(entries))
      assert.deepEqual(
        plain(decodePlaces(bytes, new Set(wanted))),
        plain(entries.filter(([place]) => wanted.includes(place))),
      )
    }),
  )
})

test('summaries are the same of blocks, of tallies and of summaries', () => {
  const places = fc.uniqueArray(fc.tuple(fc.nat({ max: 70 }), arbitraryTally), { selector: ([place]) => place })
  fc.assert(
    fc.property(places, (entries) => {
      const [ofTallies, ofBlocks, ofSummary] = [Summary.of(71), Summary.of(71), Summary.of(71)]
      for (const [place, tally] of entries) ofTallies.addTally(place, tally)
      for (const [block, inBlock] of Map.groupBy(entries, ([place]) => Math.floor(place / BLOCK)))
        ofBlocks.addBlock(
          block * BLOCK,
          encodeBlock(new Map(inBlock.map(([place, tally]) => [place - block * BLOCK, tally]))),
        )
      assert.deepEqual(ofBlocks, ofTallies)
      // Those without a call are left out: bytes and times come with a request.
      ofSummary.addEncoded(ofTallies.encode())
      for (const [place, tally] of entries) {
        assert.equal(ofTallies.value(place, 'calls'), tally.calls)
        assert.equal(ofTallies.value(place, 'bytesIn'), tally.of(BYTES_IN))
        assert.equal(ofTallies.value(place, 'bytesOut'), tally.of(BYTES_OUT))
        assert.equal(ofTallies.value(place, 'byGateway'), tally.of(BY_GATEWAY))
        assert.equal(ofTallies.value(place, 'totalMicros'), tally.of(TOTAL_MICROS))
        assert.equal(ofTallies.value(place, 'backendMicros'), tally.of(BACKEND_MICROS))
        assert.equal(ofTallies.value(place, 'clientErrors'), tally.sum(STATUS + 400, STATUS + 500))
        assert.equal(ofTallies.value(place, 'serverErrors'), tally.sum(STATUS + 500, STATUS + 600))
        if (tally.calls === 0) continue
        for (const column of ['calls', 'totalMicros', 'bytesOut'] as const)
          assert.equal(ofSummary.value(place, column), ofTallies.value(place, column))
      }
    }),
  )
})

test('a block of another version is refused', () => {
  assert.throws(() => decodeBlock(new Uint8Array([9])), MalformedBytes)
  assert.throws(() => Summary.of(1).addEncoded(new Uint8Array([0])), MalformedBytes)
})

test('a block that is cut off is refused', () => {
  const tally = new Tally()
  tally.add(STATUS + 200, 5)
  const bytes = encodeBlock(new Map([[0, tally]]))
  assert.throws(() => decodeBlock(bytes.subarray(0, bytes.length - 1)), MalformedBytes)
})

for (const reason of [
  { plugin: '', code: 'not-found' },
  { plugin: 'mock', code: '' },
]) {
  test(`the reason ${JSON.stringify(reason)} is told from its key`, () =>
    assert.deepEqual(reasonOf(reasonKey(reason)), reason))
}
