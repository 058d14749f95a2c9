/**
 * What the codec knows about field names. Every other field is `PLAIN`: passed on as it is.
 */
export const PLAIN = 0
export const HOST = 1
export const CONTENT_LENGTH = 2
export const TRANSFER_ENCODING = 3
export const CONNECTION = 4
export const EXPECT = 5
/** Fields of one connection (RFC 9110, section 7.6.1): never passed on. */
export const HOP_BY_HOP = 6
/** Who the client claims to be, or claims to speak for: believed from trusted proxies only. */
export const FORWARDING = 7
/** Passed on, but to be known of. */
export const DATE = 8
/** Of one connection, and written anew where it is granted. */
export const UPGRADE = 9

export type FieldKind =
  | typeof PLAIN
  | typeof HOST
  | typeof CONTENT_LENGTH
  | typeof TRANSFER_ENCODING
  | typeof CONNECTION
  | typeof EXPECT
  | typeof HOP_BY_HOP
  | typeof FORWARDING
  | typeof DATE
  | typeof UPGRADE

const known: readonly (readonly [name: string, kind: FieldKind])[] = [
  ['host', HOST],
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['connection', CONNECTION],
  ['expect', EXPECT],
  ['date', DATE],
  ['upgrade', UPGRADE],
  ['keep-alive', HOP_BY_HOP],
  ['proxy-connection', HOP_BY_HOP],
  ['te', HOP_BY_HOP],
  ['http2-settings', HOP_BY_HOP],
  ['proxy-authenticate', HOP_BY_HOP],
  ['proxy-authorization', HOP_BY_HOP],
  ['proxy-authentication-info', HOP_BY_HOP],
  ['forwarded', FORWARDING],
  ['forwarded-for', FORWARDING],
  ['x-forwarded', FORWARDING],
  ['x-real-ip', FORWARDING],
  ['x-client-ip', FORWARDING],
  ['true-client-ip', FORWARDING],
  ['x-rewrite-url', FORWARDING],
  ['client-cert', FORWARDING],
  ['client-cert-chain', FORWARDING],
]

/** Beginnings of names that are `FORWARDING` whatever follows; all begin with x. */
const forwardingPrefixes = ['x-forwarded-', 'x-original-']

/**
 * The characters of a name (`tchar`, RFC 9110, section 5.6.2) in the form in which names are compared; 0 for all others.
 * Lower case, and `_` as `-`: backends that read them alike (as CGI does) would take `x_forwarded_for` for the real one.
 */
export const FOLDED = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (!/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character)) return 0
  return (character === '_' ? '-' : character.toLowerCase()).charCodeAt(0)
})

/** Takes one more folded character into the hash of a name, which begins as 0. */
export function addToHash(hash: number, folded: number): number {
  return (Math.imul(hash, 41) + folded) | 0
}

const SLOTS = 256

/** The known names, each in the slot of its hash; null where no name that is known can be. */
const slots: (readonly [name: string, kind: FieldKind] | null)[] = new Array(SLOTS).fill(null)
for (const entry of known) {
  const hash = [...entry[0]].reduce((sum, letter) => addToHash(sum, letter.charCodeAt(0)), 0)
  if (slots[hash & (SLOTS - 1)] !== null) throw new Error(`${entry[0]} shares its slot: change the factor of addToHash`)
  slots[hash & (SLOTS - 1)] = entry
}

/** The kind of the name that stands in `bytes` from `start` to `end`, given its hash. */
export function kindOf(bytes: Uint8Array, start: number, end: number, hash: number): FieldKind {
  const entry = slots[hash & (SLOTS - 1)] ?? null
  if (entry !== null && end - start === entry[0].length && beginsWith(bytes, start, entry[0])) {
    const kind = entry[1]
    // `content_length` and the like mean nothing to us, but something to such a backend.
    return kind === FORWARDING || !hasUnderscore(bytes, start, end) ? kind : HOP_BY_HOP
  }
  if (FOLDED[bytes[start] as number] !== LETTER_X) return PLAIN
  for (const prefix of forwardingPrefixes)
    if (end - start > prefix.length && beginsWith(bytes, start, prefix)) return FORWARDING
  return PLAIN
}

const UNDERSCORE = 0x5f
const LETTER_X = 0x78

function beginsWith(bytes: Uint8Array, start: number, folded: string): boolean {
  for (let i = 0; i < folded.length; i++) if (FOLDED[bytes[start + i] as number] !== folded.charCodeAt(i)) return false
  return true
}

function hasUnderscore(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === UNDERSCORE) return true
  return false
}

/** Fields that may not come in a trailer (RFC 9110, section 6.5.1): framing, routing, authentication, and what changes the meaning of the head. */
const FORBIDDEN_TRAILERS = new Set([
  'authorization',
  'www-authenticate',
  'cookie',
  'set-cookie',
  'cache-control',
  'max-forwards',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'content-encoding',
  'content-type',
  'content-range',
  'date',
  'trailer',
  'via',
  'age',
  'expires',
  'location',
  'retry-after',
  'vary',
  'warning',
  'x-api-key',
])

/** True for a trailer field of kind `PLAIN` that may be passed on. */
export function isForwardableTrailer(name: string): boolean {
  return !FORBIDDEN_TRAILERS.has(name.toLowerCase())
}
