import { isIP } from 'node:net'

/** A set of IP addresses and CIDR ranges, made once and asked often. IPv4 addresses and their IPv6-mapped form are the same. */
export interface NetworkSet {
  /** Whether an address is in it; false for what is not an address. */
  has(address: string): boolean
}

const WORDS = 4
/** The first three words of an IPv4 address in its IPv6 form, ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2). */
const MAPPED = [0, 0, 0xffff]
const MAPPED_BITS = 96

/** So many answers are remembered: clients ask again and again, and reading an address costs more than the search. */
const REMEMBERED = 256
const HASHED = 6
const MOST_REMEMBERED = 64

/** Whether a text is an IPv4 or IPv6 address or a CIDR range of them. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== null
}

/**
 * Makes a set. The ranges are sorted and those that touch are joined, so that a look-up is one binary search, however many
 * there are. Throws for what is not a network.
 */
export function networkSet(networks: readonly string[]): NetworkSet {
  const ranges = joined(networks.map(rangeOf).sort((a, b) => compare(a.first, b.first)))
  const count = ranges.length
  const firsts = new Uint32Array(count * WORDS)
  const lasts = new Uint32Array(count * WORDS)
  ranges.forEach(({ first, last }, i) => {
    firsts.set(first, i * WORDS)
    lasts.set(last, i * WORDS)
  })
  const wanted = new Uint32Array(WORDS)
  const asked: string[] = new Array<string>(REMEMBERED).fill('')
  const answers = new Uint8Array(REMEMBERED)
  return {
    has(address) {
      const place = placeOf(address)
      if (asked[place] === address) return answers[place] === 1
      const answer = search(address)
      if (address.length > MOST_REMEMBERED) return answer
      // A copy: an address can be a part of a head, all of which it would hold on to.
      asked[place] = Buffer.from(address, 'latin1').toString('latin1')
      answers[place] = answer ? 1 : 0
      return answer
    },
  }

  function search(address: string): boolean {
    if (!readAddress(address, wanted)) return false
    let low = 0
    let high = count
    // The last range that begins at or before the address is the only one that can hold it.
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isAtMost(firsts, middle, wanted)) low = middle + 1
      else high = middle
    }
    return low > 0 && !isBefore(lasts, low - 1, wanted)
  }
}

/** Where the answer for an address is remembered: most of the difference between addresses is at their end. */
function placeOf(address: string): number {
  const { length } = address
  let hash = length
  for (let i = Math.max(0, length - HASHED); i < length; i++) hash = (Math.imul(hash, 31) + address.charCodeAt(i)) | 0
  return hash & (REMEMBERED - 1)
}

interface Range {
  readonly first: Uint32Array
  readonly last: Uint32Array
}

function parseNetwork(text: string): { address: Uint32Array; bits: number } | null {
  const slash = text.indexOf('/')
  const address = new Uint32Array(WORDS)
  const host = slash === -1 ? text : text.slice(0, slash)
  if (host.includes('%') || !readAddress(host, address)) return null
  const offset = isIP(host) === 4 ? MAPPED_BITS : 0
  if (slash === -1) return { address, bits: 128 }
  const prefix = text.slice(slash + 1)
  const bits = /^(?:0|[1-9]\d{0,2})$/.test(prefix) ? Number(prefix) + offset : 129
  return bits <= 128 ? { address, bits } : null
}

function rangeOf(text: string): Range {
  const network = parseNetwork(text)
  if (network === null) throw new Error(`"${text}" is not an address or a CIDR range`)
  const first = new Uint32Array(WORDS)
  const last = new Uint32Array(WORDS)
  network.address.forEach((word, i) => {
    const own = Math.max(0, Math.min(32, network.bits - i * 32))
    // A shift by 32 would shift by none.
    const hostBits = own === 0 ? 0xffffffff : own === 32 ? 0 : 0xffffffff >>> own
    first[i] = word & ~hostBits
    last[i] = word | hostBits
  })
  return { first, last }
}

/** Ranges in order, those that overlap made one. */
function joined(sorted: readonly Range[]): Range[] {
  const ranges: Range[] = []
  for (const range of sorted) {
    const before = ranges.at(-1)
    if (before === undefined || compare(range.first, before.last) > 0) ranges.push(range)
    else if (compare(range.last, before.last) > 0) ranges[ranges.length - 1] = { first: before.first, last: range.last }
  }
  return ranges
}

function compare(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < WORDS; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function isAtMost(list: Uint32Array, at: number, wanted: Uint32Array): boolean {
  for (let i = 0; i < WORDS; i++) {
    const difference = (list[at * WORDS + i] ?? 0) - (wanted[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return true
}

function isBefore(list: Uint32Array, at: number, wanted: Uint32Array): boolean {
  for (let i = 0; i < WORDS; i++) {
    const difference = (list[at * WORDS + i] ?? 0) - (wanted[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** The bytes of an address, 4 or 16 of them. Throws for what is none. */
export function addressBytes(address: string): Buffer {
  const words = new Uint32Array(WORDS)
  if (!readAddress(address, words)) throw new Error(`"${address}" is not an address`)
  const bytes = Buffer.alloc(WORDS * 4)
  words.forEach((word, i) => {
    bytes.writeUInt32BE(word, i * 4)
  })
  return isIP(address) === 4 ? bytes.subarray(12) : bytes
}

/** Reads an address into `words`. Returns false if it is none. */
function readAddress(address: string, words: Uint32Array): boolean {
  const family = isIP(address)
  if (family === 4) {
    words.set(MAPPED)
    words[3] = ipv4(address, 0)
    return true
  }
  return family === 6 && readIpv6(address, words)
}

/** The IPv4 address that begins at `start`. It has been checked to be one. */
function ipv4(text: string, start: number): number {
  let value = 0
  let octet = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      value = value * 256 + octet
      octet = 0
    } else octet = octet * 10 + code - 0x30
  }
  return value * 256 + octet
}

function readIpv6(text: string, words: Uint32Array): boolean {
  const zone = text.indexOf('%')
  const address = zone === -1 ? text : text.slice(0, zone)
  const gap = address.indexOf('::')
  const head = groups(gap === -1 ? address : address.slice(0, gap))
  const tail = gap === -1 ? [] : groups(address.slice(gap + 2))
  const zeros = Array<number>(8 - head.length - tail.length).fill(0)
  const all = [...head, ...zeros, ...tail]
  for (let i = 0; i < WORDS; i++) words[i] = (all[i * 2] ?? 0) * 65_536 + (all[i * 2 + 1] ?? 0)
  return true
}

/** The 16-bit groups of a part of an address; an IPv4 address at its end is two of them. */
function groups(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const value = ipv4(group, 0)
    return [Math.floor(value / 65_536), value % 65_536]
  })
}
