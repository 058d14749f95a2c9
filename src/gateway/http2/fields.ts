import { VALUE } from '../http1/characters.ts'
import {
  addToHash,
  CONNECTION,
  type FieldKind,
  FOLDED,
  HOP_BY_HOP,
  kindOf,
  PLAIN,
  TRANSFER_ENCODING,
  UPGRADE,
} from '../http1/fields.ts'

/**
 * What the codec knows about fields of HTTP/2: the kinds of HTTP/1 (`http1/fields.ts`), so that the same fields mean the same,
 * and those of its own.
 */

/** Something that makes a message malformed (RFC 9113, sections 8.2 and 8.3). */
export const FORBIDDEN = 20
/** Crumbs of it are put together again (section 8.2.3). */
export const COOKIE = 21
export const GRPC_TIMEOUT = 22
/** Pseudo-fields: from here on. */
export const PSEUDO = 30
export const METHOD = 30
export const SCHEME = 31
export const AUTHORITY = 32
export const PATH = 33
export const STATUS = 34

export type Kind = number

/** A field as it stands in a table or a block: checked once, when it is made. */
export interface Field {
  readonly name: string
  readonly value: string
  readonly kind: Kind
  /** The kind of its name: of a field whose value alone is wrong another than `kind`. */
  readonly nameKind: Kind
  /** What it counts in a table (RFC 7541, section 4.1). */
  readonly tableBytes: number
}

/** What a table adds to the bytes of an entry. */
export const ENTRY_BYTES = 32

const pseudoKinds: Readonly<Record<string, Kind>> = {
  ':method': METHOD,
  ':scheme': SCHEME,
  ':authority': AUTHORITY,
  ':path': PATH,
  ':status': STATUS,
}

const ownKinds: Readonly<Record<string, Kind>> = { cookie: COOKIE, 'grpc-timeout': GRPC_TIMEOUT }

/** Fields of one connection, which HTTP/2 does not have (RFC 9113, section 8.2.2). */
const NOT_IN_HTTP2 = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'])

const COLON = 0x3a
const UPPER_A = 0x41
const UPPER_Z = 0x5a

/** The kind of the name that stands in `bytes`: `FORBIDDEN` where it is none, or has upper-case letters. */
export function kindOfName(bytes: Uint8Array, start: number, end: number, name: string): Kind {
  if (start === end) return FORBIDDEN
  if (bytes[start] === COLON) return pseudoKinds[name] ?? FORBIDDEN
  let hash = 0
  for (let at = start; at < end; at++) {
    const code = bytes[at] as number
    const folded = FOLDED[code] as number
    if (folded === 0 || (code >= UPPER_A && code <= UPPER_Z)) return FORBIDDEN
    hash = addToHash(hash, folded)
  }
  const kind: FieldKind = kindOf(bytes, start, end, hash)
  if (kind === PLAIN) return ownKinds[name] ?? PLAIN
  if (kind !== HOP_BY_HOP && kind !== CONNECTION && kind !== TRANSFER_ENCODING && kind !== UPGRADE) return kind
  return NOT_IN_HTTP2.has(name) ? FORBIDDEN : HOP_BY_HOP
}

/** The kind of a field of this name whose value stands in `bytes`. Control characters, and blanks at the ends, are malformed. */
export function kindOfField(nameKind: Kind, name: string, bytes: Uint8Array, start: number, end: number): Kind {
  for (let at = start; at < end; at++) if (VALUE[bytes[at] as number] === 0) return FORBIDDEN
  if (start < end && (isBlank(bytes[start] as number) || isBlank(bytes[end - 1] as number))) return FORBIDDEN
  if (nameKind === HOP_BY_HOP && name === 'te' && !isTrailers(bytes, start, end)) return FORBIDDEN
  return nameKind
}

/** The only thing that `te` may say (RFC 9113, section 8.2.2). */
function isTrailers(bytes: Uint8Array, start: number, end: number): boolean {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1').toLowerCase() === 'trailers'
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Makes a field of strings. */
export function makeField(name: string, value: string): Field {
  const [nameBytes, valueBytes] = [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]
  const nameKind = kindOfName(nameBytes, 0, nameBytes.length, name)
  const kind = kindOfField(nameKind, name, valueBytes, 0, valueBytes.length)
  return { name, value, kind, nameKind, tableBytes: name.length + value.length + ENTRY_BYTES }
}
