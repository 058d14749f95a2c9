import { createHmac, createPublicKey, createSecretKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { JsonPlaces } from './json-places.ts'

/** JSON Web Signatures in compact form (RFC 7515) with the algorithms of RFC 7518 and RFC 8037. A key knows its algorithm; a token has no say in it. */

interface Algorithm {
  readonly kind: 'secret' | 'rsa' | 'rsa-pss' | 'ec' | 'okp'
  /** Name of the hash; null where the algorithm has its own. */
  readonly hash: string | null
  /** Of EC keys, as Node names it. */
  readonly curve?: string
  /** Fewest bytes of a secret (RFC 7518, section 3.2). */
  readonly secretBytes?: number
}

const ALGORITHMS = {
  HS256: { kind: 'secret', hash: 'sha256', secretBytes: 32 },
  HS384: { kind: 'secret', hash: 'sha384', secretBytes: 48 },
  HS512: { kind: 'secret', hash: 'sha512', secretBytes: 64 },
  RS256: { kind: 'rsa', hash: 'sha256' },
  RS384: { kind: 'rsa', hash: 'sha384' },
  RS512: { kind: 'rsa', hash: 'sha512' },
  PS256: { kind: 'rsa-pss', hash: 'sha256' },
  PS384: { kind: 'rsa-pss', hash: 'sha384' },
  PS512: { kind: 'rsa-pss', hash: 'sha512' },
  ES256: { kind: 'ec', hash: 'sha256', curve: 'prime256v1' },
  ES384: { kind: 'ec', hash: 'sha384', curve: 'secp384r1' },
  ES512: { kind: 'ec', hash: 'sha512', curve: 'secp521r1' },
  EdDSA: { kind: 'okp', hash: null },
} as const satisfies Record<string, Algorithm>

export type JwsAlgorithm = keyof typeof ALGORITHMS
export const jwsAlgorithms = Object.keys(ALGORITHMS) as readonly JwsAlgorithm[]
export const secretAlgorithms = jwsAlgorithms.filter((name) => ALGORITHMS[name].kind === 'secret')
export const publicKeyAlgorithms = jwsAlgorithms.filter((name) => ALGORITHMS[name].kind !== 'secret')

/** Fewer bits are not taken (RFC 7518, section 3.3). */
const MIN_RSA_BITS = 2048
const RSA_PKCS1_PADDING = 1
const RSA_PKCS1_PSS_PADDING = 6

/** A key that verifies by one algorithm. */
export interface VerificationKey {
  /** Null for a key that has none. */
  readonly id: string | null
  readonly algorithm: JwsAlgorithm
  readonly key: KeyObject
}

/** A key that cannot be used, and why. */
export class BadKey extends Error {}

/** Makes the key of a shared secret. Throws `BadKey` for one that is too short for its algorithm. */
export function secretKey(secret: string | Buffer, algorithm: JwsAlgorithm, id: string | null = null): VerificationKey {
  const { kind, secretBytes = 0 } = ALGORITHMS[algorithm] as Algorithm
  if (kind !== 'secret') throw new BadKey(`${algorithm} takes a public key, not a secret`)
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret
  if (bytes.length < secretBytes)
    throw new BadKey(`a secret for ${algorithm} has at least ${secretBytes} bytes, and this one ${bytes.length}`)
  return { id, algorithm, key: createSecretKey(bytes) }
}

/** Makes the key of a PEM: a public key, or a certificate. Throws `BadKey`. */
export function publicKey(pem: string, algorithm: JwsAlgorithm, id: string | null = null): VerificationKey {
  if (/PRIVATE KEY/.test(pem)) throw new BadKey('this is a private key: give the public one')
  return fitting(() => createPublicKey(pem), algorithm, id)
}

/** Makes the key of a JWK (RFC 7517), for its own algorithm or the one that is given. Throws `BadKey`. */
export function keyOfJwk(jwk: Readonly<Record<string, unknown>>, allowed: readonly JwsAlgorithm[]): VerificationKey {
  const { kty, alg, use, key_ops: operations, kid, d } = jwk
  if (kty === 'oct') throw new BadKey('a shared secret has no place in a published key set')
  if (d !== undefined) throw new BadKey('the key set publishes a private key')
  if (use !== undefined && use !== 'sig') throw new BadKey('the key is not for signatures')
  if (Array.isArray(operations) && !operations.includes('verify')) throw new BadKey('the key is not for verification')
  const algorithm = allowed.find((name) => (alg === undefined ? fits(name, jwk) : name === alg && fits(name, jwk)))
  if (algorithm === undefined) throw new BadKey(`no algorithm that is allowed fits the key`)
  const id = typeof kid === 'string' ? kid : null
  return fitting(() => createPublicKey({ key: jwk as never, format: 'jwk' }), algorithm, id)
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

function fits(name: JwsAlgorithm, { kty, crv }: Readonly<Record<string, unknown>>): boolean {
  const { kind, curve } = ALGORITHMS[name] as Algorithm
  if (kind === 'ec') return kty === 'EC' && crv === CURVES[curve ?? '']
  if (kind === 'okp') return kty === 'OKP' && (crv === 'Ed25519' || crv === 'Ed448')
  return kind !== 'secret' && kty === 'RSA'
}

function fitting(make: () => KeyObject, algorithm: JwsAlgorithm, id: string | null): VerificationKey {
  const { kind, curve } = ALGORITHMS[algorithm] as Algorithm
  if (kind === 'secret') throw new BadKey(`${algorithm} takes a secret, not a public key`)
  let key: KeyObject
  try {
    key = make()
  } catch (error) {
    throw new BadKey(`it cannot be read (${error instanceof Error ? error.message : error})`)
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (kind === 'rsa' || kind === 'rsa-pss') {
    if (type !== 'rsa' && !(kind === 'rsa-pss' && type === 'rsa-pss'))
      throw new BadKey(`${algorithm} takes an RSA key, and this is ${type}`)
    if ((details?.modulusLength ?? 0) < MIN_RSA_BITS)
      throw new BadKey(`an RSA key has at least ${MIN_RSA_BITS} bits, and this one ${details?.modulusLength}`)
  } else if (kind === 'ec') {
    if (type !== 'ec' || details?.namedCurve !== curve)
      throw new BadKey(`${algorithm} takes a key of the curve ${CURVES[curve ?? '']}`)
  } else if (type !== 'ed25519' && type !== 'ed448')
    throw new BadKey(`${algorithm} takes an Ed25519 or Ed448 key, and this is ${type}`)
  return { id, algorithm, key }
}

/** A token taken apart; nothing of it is verified. */
export interface ParsedJws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  /** What the signature is over. */
  readonly signed: string
  readonly signature: Buffer
}

/** Base64url without padding, white space or bits to spare (RFC 7515, appendix C). */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** Takes a compact token apart, whose payload is an object of claims; null for whatever is not exactly that. */
export function parseJws(token: string): ParsedJws | null {
  if (!TOKEN.test(token)) return null
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  const header = headerOf(token.slice(0, first))
  const payload = objectOf(token.slice(first + 1, second))
  const bytes = bytesOf(token.slice(second + 1))
  if (header === null || payload === null || bytes === null) return null
  return { header, payload, signed: token.slice(0, second), signature: bytes }
}

/** Whether a signature is that of a key, by the algorithm of the key. */
export function isSignedBy({ signed, signature }: ParsedJws, { key, algorithm }: VerificationKey): boolean {
  const { kind, hash } = ALGORITHMS[algorithm] as Algorithm
  if (signature.length === 0) return false
  if (kind === 'secret') {
    const right = createHmac(hash ?? '', key)
      .update(signed, 'latin1')
      .digest()
    return right.length === signature.length && timingSafeEqual(right, signature)
  }
  const data = Buffer.from(signed, 'latin1')
  if (kind === 'okp') return verify(null, data, key, signature)
  if (kind === 'ec') return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  return kind === 'rsa'
    ? verify(hash, data, { key, padding: RSA_PKCS1_PADDING }, signature)
    : // The salt is as long as the hash (RFC 7518, section 3.5); -1 says so.
      verify(hash, data, { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: -1 }, signature)
}

/** Headers are few: those of an issuer are all alike. */
const headers = new Map<string, Readonly<Record<string, unknown>>>()
const MAX_HEADERS = 200
const MAX_HEADER_CHARACTERS = 500

function headerOf(part: string): Readonly<Record<string, unknown>> | null {
  const known = headers.get(part)
  if (known !== undefined) return known
  const header = objectOf(part)
  if (header === null || part.length > MAX_HEADER_CHARACTERS) return header
  if (headers.size >= MAX_HEADERS) headers.clear()
  headers.set(part, header)
  return header
}

function objectOf(part: string): Readonly<Record<string, unknown>> | null {
  const bytes = bytesOf(part)
  if (bytes === null) return null
  const text = bytes.toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    // The same name twice can be read in two ways (RFC 7519, section 4). What is written again as it was has none.
    const isPlain = JSON.stringify(value) === text
    return isPlain || new JsonPlaces(text).duplicateKeys().length === 0 ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The bytes of a part; null where they could be written in another way too, so that no two tokens are one. */
function bytesOf(part: string): Buffer | null {
  const rest = part.length % 4
  if (rest === 1) return null
  // The last character carries bits that are none of a byte: they are zero.
  const spare = rest === 2 ? 15 : rest === 3 ? 3 : 0
  if (spare !== 0 && (ALPHABET.indexOf(part.charAt(part.length - 1)) & spare) !== 0) return null
  return Buffer.from(part, 'base64url')
}
