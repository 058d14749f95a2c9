/**
 * What the codec knows about field names, by name in lower case. Every other field is `PLAIN`: passed on as it is.
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
export const DATE = 8

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

const KINDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['host', HOST],
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['connection', CONNECTION],
  ['expect', EXPECT],
  ['date', DATE],
  ...[
    'keep-alive',
    'proxy-connection',
    'te',
    'upgrade',
    'http2-settings',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-authentication-info',
  ].map((name) => [name, HOP_BY_HOP] as const),
])

const FORWARDING_NAME =
  /^(?:x-forwarded-.+|x-forwarded|forwarded|forwarded-for|x-real-ip|x-client-ip|true-client-ip|x-original-.+|x-rewrite-url)$/

/** A field name, looked up once: its lower-case form and what the codec must do with it. */
export interface FieldName {
  readonly key: string
  readonly kind: FieldKind
}

/** Names seen, as written. Bounded, because clients choose them: what comes after that is worked out each time. */
const seen = new Map<string, FieldName>()
const MAX_SEEN = 4096
const MAX_SEEN_LENGTH = 64

/** Looks up a field name as written on the wire. */
export function fieldName(written: string): FieldName {
  const known = seen.get(written)
  return known === undefined ? learn(written) : known
}

function learn(written: string): FieldName {
  const key = written.toLowerCase()
  const name = { key, kind: kindOf(key) }
  // The copy frees the head that the name was cut from.
  if (seen.size < MAX_SEEN && written.length <= MAX_SEEN_LENGTH)
    seen.set(Buffer.from(written, 'latin1').toString('latin1'), name)
  return name
}

/** Backends that read `_` as `-` (as CGI does) would take `x_forwarded_for` for the real one, and so do we. */
function kindOf(key: string): FieldKind {
  const known = KINDS.get(key)
  if (known !== undefined) return known
  const dashed = key.replaceAll('_', '-')
  if (FORWARDING_NAME.test(dashed)) return FORWARDING
  // `content_length` and the like mean nothing to us but something to such a backend.
  return KINDS.has(dashed) ? HOP_BY_HOP : PLAIN
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

/** True for a trailer field that may be passed on. */
export function isForwardableTrailer({ key, kind }: FieldName): boolean {
  return kind === PLAIN && !FORBIDDEN_TRAILERS.has(key)
}
