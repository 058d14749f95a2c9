/** The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B), read four bits at a time. */

/** Bits of the code of each byte. The code is canonical: lengths are all that there is to know. */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26,
]
/** The end of a string, which may not stand in one: the longest code, after all others of its length. */
const END = 256
const END_BITS = 30

/** The code of each byte, and of `END`. */
export const HUFFMAN_CODES: readonly { readonly code: number; readonly bits: number }[] = canonicalCodes([
  ...LENGTHS,
  END_BITS,
])

function canonicalCodes(lengths: readonly number[]): { code: number; bits: number }[] {
  const codes = lengths.map((bits) => ({ code: 0, bits }))
  const order = lengths.map((_, symbol) => symbol).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b)
  let code = 0
  let before = 0
  for (const symbol of order) {
    const bits = lengths[symbol] ?? 0
    if (before > 0) code = (code + 1) * 2 ** (bits - before)
    before = bits
    codes[symbol] = { code, bits }
  }
  return codes
}

/*
 * The tree as a table: for each inner node and four bits, the node that they lead to, and the byte that is complete on the
 * way, if any (codes have five bits at least, so it is one at most). After a byte the way begins again at the root, node 0.
 */
const NODE = 0xff
const HAS_BYTE = 0x100
const BYTE_SHIFT = 16
const WRONG = -1

const steps = new Int32Array(256 * 16)
/** Nodes at which a string may end: the root, and those that up to seven 1 bits lead to (the padding). */
const mayEnd = new Uint8Array(256)
buildTables()

function buildTables(): void {
  const children: [number, number][] = [[-1, -1]]
  /** Leaves are numbered from here on. */
  const LEAF = 1000
  for (const [symbol, { code, bits }] of HUFFMAN_CODES.entries()) {
    let node = 0
    for (let bit = bits - 1; bit >= 0; bit--) {
      const pair = children[node] as [number, number]
      const branch = Math.floor(code / 2 ** bit) % 2
      if (bit === 0) pair[branch] = LEAF + symbol
      else if (pair[branch] === -1) pair[branch] = children.push([-1, -1]) - 1
      node = pair[branch] as number
    }
  }
  for (const [start] of children.entries())
    for (let four = 0; four < 16; four++) {
      let node = start
      let step = 0
      for (let bit = 3; bit >= 0; bit--) {
        node = children[node]?.[(four >> bit) & 1] ?? WRONG
        if (node < LEAF) continue
        if (node === LEAF + END) break
        step = HAS_BYTE | ((node - LEAF) << BYTE_SHIFT)
        node = 0
      }
      steps[start * 16 + four] = node >= LEAF ? WRONG : step | node
    }
  let node = 0
  for (let ones = 0; ones < 8; ones++) {
    mayEnd[node] = 1
    node = children[node]?.[1] ?? 0
  }
}

/**
 * Decodes `bytes` from `start` to `end` into `into`, which must have room for 8/5 of them. Returns the number of bytes, or -1
 * where the text is wrong: an end within it, or padding that is not what it must be.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let node = 0
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    const high = steps[node * 16 + (byte >> 4)] as number
    if (high === WRONG) return -1
    if ((high & HAS_BYTE) !== 0) into[length++] = high >> BYTE_SHIFT
    const low = steps[(high & NODE) * 16 + (byte & 15)] as number
    if (low === WRONG) return -1
    if ((low & HAS_BYTE) !== 0) into[length++] = low >> BYTE_SHIFT
    node = low & NODE
  }
  return mayEnd[node] === 1 ? length : -1
}
