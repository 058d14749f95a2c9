import type { Pair } from './target.ts'

/** Signs requests as `hmac-auth` takes them. A test holds this against the plugin. */

const HASHES = { HmacSHA1: 'SHA-1', HmacSHA256: 'SHA-256', HmacSHA512: 'SHA-512' } as const
export type HmacAlgorithm = keyof typeof HASHES
export const hmacAlgorithms = Object.keys(HASHES) as readonly HmacAlgorithm[]

/** What a request is signed with. */
export interface HmacKey {
  /** Empty: the client does not say which key it uses. */
  readonly keyId: string
  readonly secret: string
  readonly algorithm: HmacAlgorithm
  readonly dateHeader: string
  /** Names of the headers that are signed beside method, target and date. */
  readonly signedHeaders: readonly string[]
  /** Whether a digest of the body (RFC 9530) is sent, and signed. */
  readonly hasBodyDigest: boolean
}

/** What is signed. */
export interface Signable {
  readonly method: string
  readonly target: string
  readonly host: string
  readonly headers: readonly Pair[]
  readonly body: string
}

/** The header fields that show who has signed a request, at a moment. */
export async function sign(request: Signable, key: HmacKey, now: Date): Promise<Pair[]> {
  const date = `${now.toISOString().slice(0, 19)}Z`
  const digest = key.hasBodyDigest ? [{ name: 'Content-Digest', value: await digestOf(request.body) }] : []
  const headers = [...request.headers, ...digest]
  const names = [
    ...key.signedHeaders.map((name) => name.toLowerCase()),
    ...(key.hasBodyDigest ? ['content-digest'] : []),
  ]
  const text = [request.method, request.target, date, ...names.map((name) => line(name, headers, request.host))].join(
    '\n',
  )
  const signature = await hmac(key, text)
  const fields = [
    ...(key.keyId === '' ? [] : [`keyId="${key.keyId}"`]),
    `algorithm="${key.algorithm}"`,
    `headers="${names.join(',')}"`,
    `signature="${signature}"`,
  ]
  return [
    { name: key.dateHeader, value: date },
    ...digest,
    { name: 'Authorization', value: `hmac ${fields.join(', ')}` },
  ]
}

/** A signed header, with all of its values. */
function line(name: string, headers: readonly Pair[], host: string): string {
  const values =
    name === 'host' ? [host] : headers.filter((one) => one.name.toLowerCase() === name).map((one) => one.value)
  return `${name}:${values.join(',')}`
}

async function hmac({ secret, algorithm }: HmacKey, text: string): Promise<string> {
  const bytes = new TextEncoder()
  const usage = { name: 'HMAC', hash: HASHES[algorithm] }
  const key = await crypto.subtle.importKey('raw', bytes.encode(secret), usage, false, ['sign'])
  return base64(await crypto.subtle.sign('HMAC', key, bytes.encode(text)))
}

async function digestOf(body: string): Promise<string> {
  return `sha-256=:${base64(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)))}:`
}

const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
