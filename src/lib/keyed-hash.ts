/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012; the variant for 32-bit words) over the UTF-16 code
 * units of a text: what comes from strangers is spread evenly over a table, and nobody without the key can aim.
 * It allocates nothing: the result of the last call stays in `low` and `high`.
 */
export class KeyedHash {
  /** The lower 32 bits of the last result. */
  low = 0
  /** The upper 32 bits of the last result. */
  high = 0
  private readonly k0: number
  private readonly k1: number
  private v0 = 0
  private v1 = 0
  private v2 = 0
  private v3 = 0

  /** The key: 64 random bits. */
  constructor(k0: number, k1: number) {
    this.k0 = k0 | 0
    this.k1 = k1 | 0
  }

  /** A hash of its own for whatever `name` says: texts that are equal under two names have nothing in common. */
  derive(name: string): KeyedHash {
    this.digest(name)
    return new KeyedHash(this.low, this.high)
  }

  digest(text: string): void {
    this.v0 = this.k0
    this.v1 = this.k1 ^ 0xee
    this.v2 = this.k0 ^ 0x6c796765
    this.v3 = this.k1 ^ 0x74656462
    const { length } = text
    const whole = length & ~1
    for (let i = 0; i < whole; i += 2) this.absorb(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16))
    // The length in the last word tells apart what is cut differently.
    this.absorb((length & 1 ? text.charCodeAt(length - 1) : 0) | (length << 16))
    this.v2 ^= 0xee
    for (let i = 0; i < 4; i++) this.round()
    this.low = this.v1 ^ this.v3
    this.v1 ^= 0xdd
    for (let i = 0; i < 4; i++) this.round()
    this.high = this.v1 ^ this.v3
  }

  private absorb(word: number): void {
    this.v3 ^= word
    this.round()
    this.round()
    this.v0 ^= word
  }

  private round(): void {
    let { v0, v1, v2, v3 } = this
    v0 = (v0 + v1) | 0
    v1 = rotate(v1, 5) ^ v0
    v0 = rotate(v0, 16)
    v2 = (v2 + v3) | 0
    v3 = rotate(v3, 8) ^ v2
    v0 = (v0 + v3) | 0
    v3 = rotate(v3, 7) ^ v0
    v2 = (v2 + v1) | 0
    v1 = rotate(v1, 13) ^ v2
    v2 = rotate(v2, 16)
    this.v0 = v0
    this.v1 = v1
    this.v2 = v2
    this.v3 = v3
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
