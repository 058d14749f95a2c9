/**
 * Message heads of HTTP/1.1, read strictly (RFC 9112, sections 2 to 6): one pass over the bytes as they came, each looked at
 * once; then one Latin-1 string of the whole head, of which all else is cut when it is asked for. Whatever could be read in
 * two ways is a fault, never repaired. A head that is not complete is read again from its beginning when more has come, so
 * that the cut of the bytes makes no difference.
 */

/** Limits on a head. */
export interface HeadLimits {
  /** Bytes of start line and fields together. */
  readonly maxHeadBytes: number
  readonly maxHeaders: number
  readonly maxTargetBytes: number
}

export const defaultHeadLimits: HeadLimits = { maxHeadBytes: 16_384, maxHeaders: 100, maxTargetBytes: 8_192 }

/** What can be wrong with a head; each is the code of a reply to the client. */
export type HeadFault =
  | 'malformed-request-line'
  | 'malformed-header'
  | 'invalid-host'
  | 'invalid-framing'
  | 'unsupported-transfer-coding'
  | 'unsupported-version'
  | 'unsupported-method'
  | 'unsupported-expectation'
  | 'headers-too-large'
  | 'uri-too-long'
  | 'invalid-uri'

/** The body ends with the head. */
export const NO_BODY = 0
/** The body has `contentLength` bytes. */
export const SIZED = 1
/** The body is in chunks. */
export const CHUNKED = 2
/** The body ends with the connection (responses only). */
export const UNTIL_CLOSE = 3
export type Framing = typeof NO_BODY | typeof SIZED | typeof CHUNKED | typeof UNTIL_CLOSE

/** What reading gives in the place of the position behind the head: more bytes are needed. */
export const INCOMPLETE = -1
/** The head is wrong. */
export const MALFORMED = -2
/** There are more fields than allowed. */
export const TOO_MANY = -3
/** The version is a version, but none of ours. */
export const UNSUPPORTED = -4

/** Plain digits that fit a safe integer (15 of them), or -1. */
export function parseLength(value: string): number {
  if (value.length === 0 || value.length > 15) return -1
  let length = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

/** A copy of its own, which does not keep the whole head that the text was cut from. */
export function owned(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
