import { type HmacKey, type Signable, sign } from './hmac.ts'
import type { Pair } from './target.ts'

/** What a caller shows of itself: kept in this page alone. */
export interface Credentials {
  readonly kind: 'none' | 'key' | 'bearer' | 'basic' | 'hmac'
  readonly keyHeader: string
  readonly key: string
  readonly token: string
  readonly user: string
  readonly password: string
  readonly hmac: HmacKey
}

export const noCredentials: Credentials = {
  kind: 'none',
  keyHeader: 'x-api-key',
  key: '',
  token: '',
  user: '',
  password: '',
  hmac: {
    keyId: '',
    secret: '',
    algorithm: 'HmacSHA256',
    dateHeader: 'x-date',
    signedHeaders: [],
    hasBodyDigest: false,
  },
}

/** The header fields that a caller shows itself by, for a request at a moment. */
export async function credentialFields(credentials: Credentials, request: Signable, now: Date): Promise<Pair[]> {
  const { kind, keyHeader, key, token, user, password, hmac } = credentials
  switch (kind) {
    case 'none':
      return []
    case 'key':
      return [{ name: keyHeader, value: key }]
    case 'bearer':
      return [{ name: 'Authorization', value: `Bearer ${token}` }]
    case 'basic':
      return [{ name: 'Authorization', value: `Basic ${basic(user, password)}` }]
    case 'hmac':
      return sign(request, hmac, now)
  }
}

/** RFC 7617: UTF-8. */
const basic = (user: string, password: string) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))
