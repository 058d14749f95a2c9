import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KeyedHash } from './keyed-hash.ts'

/** The algorithm as its authors have it (hsip.c), on bytes, with exact integers: slow, and written independently. */
function reference(k0: number, k1: number, words: readonly number[]): bigint {
  const mask = 0xffff_ffffn
  const u = (n: number) => BigInt(n >>> 0)
  const rotl = (x: bigint, b: bigint) => ((x << b) | (x >> (32n - b))) & mask
  let [v0, v1, v2, v3] = [u(k0), u(k1) ^ 0xeen, 0x6c796765n ^ u(k0), 0x74656462n ^ u(k1)]
  const round = () => {
    v0 = (v0 + v1) & mask
    v1 = rotl(v1, 5n)
    v1 ^= v0
    v0 = rotl(v0, 16n)
    v2 = (v2 + v3) & mask
    v3 = rotl(v3, 8n)
    v3 ^= v2
    v0 = (v0 + v3) & mask
    v3 = rotl(v3, 7n)
    v3 ^= v0
    v2 = (v2 + v1) & mask
    v1 = rotl(v1, 13n)
    v1 ^= v2
    v2 = rotl(v2, 16n)
  }
  for (const word of words) {
    v3 ^= u(word)
    round()
    round()
    v0 ^= u(word)
  }
  v2 ^= 0xeen
  for (let i = 0; i < 4; i++) round()
  const low = v1 ^ v3
  v1 ^= 0xddn
  for (let i = 0; i < 4; i++) round()
  return low | ((v1 ^ v3) << 32n)
}

/** Of the authors' `vectors_hsip64`: key 00 01 … 07, messages of 0 and 4 bytes (00 01 02 03). */
const vectors: readonly [words: number[], expected: string][] = [
  [[0], '21 8d 1f 59 b9 b8 3c c8'],
  [[0x03020100, 4 << 24], 'd5 e7 8a 17 5b e5 2e a1'],
]

function littleEndian(value: bigint): string {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(value)
  return buffer.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ')
}

test('the reference is the published algorithm', () => {
  for (const [words, expected] of vectors)
    assert.equal(littleEndian(reference(0x03020100, 0x07060504, words)), expected)
})

test('it is what the reference gives', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.string({ unit: 'binary', maxLength: 40 }), (k0, k1, text) => {
      const hash = new KeyedHash(k0, k1)
      hash.digest(text)
      const units = [...Array(text.length).keys()].map((i) => text.charCodeAt(i))
      const words: number[] = []
      for (let i = 0; i + 1 < units.length; i += 2) words.push((units[i] ?? 0) | ((units[i + 1] ?? 0) << 16))
      words.push((units.length & 1 ? (units.at(-1) ?? 0) : 0) | (units.length << 16))
      assert.equal((BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0), reference(k0, k1, words))
    }),
  )
})

test('two hundred thousand texts have as many hashes, evenly spread', () => {
  const hash = new KeyedHash(1, 2).derive('addresses')
  const seen = new Set<string>()
  const buckets = new Uint32Array(256)
  for (let i = 0; i < 200_000; i++) {
    hash.digest(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    seen.add(`${hash.high}/${hash.low}`)
    const bucket = hash.low & 255
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  assert.equal(seen.size, 200_000)
  assert.ok(
    Math.max(...buckets) < 1_000 && Math.min(...buckets) > 600,
    `${Math.min(...buckets)} to ${Math.max(...buckets)}`,
  )
})
