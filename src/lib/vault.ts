import { argon2Sync, createCipheriv, createDecipheriv, createHmac, hash, hkdfSync } from 'node:crypto'

/**
 * Keeps secrets of settings: those that must be read again are encrypted, those that only need to be recognised are hashed.
 *
 * Both are deterministic under the key: the same secret gives the same text, so that equal settings stay equal texts, and a
 * setup that is applied twice changes nothing. What this gives away is that two secrets are the same, and only to those who
 * can read the settings.
 */
export interface Vault {
  /** Encrypts and authenticates (AES-256-GCM, its nonce made of the text itself as in RFC 5297). */
  seal(text: string): string
  /** The text that was sealed. Throws `NotOurs` for what this key has not sealed. */
  open(sealed: string): string
  /**
   * A fast keyed digest of 16 bytes in hexadecimal (SHA-256 behind a secret), for values that are random enough, and known by it
   * again.
   */
  digest(value: string): string
  /** A slow hash (argon2id, RFC 9106) in PHC format. `context` sets equal passwords of different users apart. */
  hash(password: string, context: string): string
}

/** A sealed secret that another key has sealed, or that was changed. */
export class NotOurs extends Error {}

const SEALED = '$sealed$'
const HASHED = '$argon2id$'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const DIGEST_BYTES = 16
export const KEY_BYTES = 32
/** As OWASP recommends. */
export const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const

/** Whether a text is what a vault has made. */
export function isSealed(text: string): boolean {
  return text.startsWith(SEALED)
}

/** Whether what is sealed was sealed with the key of a vault. */
export function isOurs(sealed: string, vault: Vault): boolean {
  try {
    vault.open(sealed)
    return true
  } catch (error) {
    if (error instanceof NotOurs) return false
    throw error
  }
}

export function isHashed(text: string): boolean {
  return text.startsWith(HASHED)
}

/** Makes a vault of a key of 32 random bytes. */
export function createVault(key: Buffer): Vault {
  const derived = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `turnpike ${purpose}`, KEY_BYTES))
  const [encryption, nonces, salts] = [derived('encryption'), derived('nonces'), derived('salts')]
  const pepper = derived('digests').toString('base64')
  return {
    digest: (value) => hash('sha256', pepper + value, 'hex').slice(0, DIGEST_BYTES * 2),
    seal(text) {
      const nonce = createHmac('sha256', nonces).update(text).digest().subarray(0, NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return SEALED + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(SEALED.length), 'base64url')
      if (!isSealed(sealed) || bytes.length < NONCE_BYTES + TAG_BYTES) throw new NotOurs('it is not a sealed secret')
      const decipher = createDecipheriv('aes-256-gcm', encryption, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch {
        throw new NotOurs('it was sealed with another key, or was changed')
      }
    },
    hash(password, context) {
      const nonce = createHmac('sha256', salts).update(`${context}\0${password}`).digest().subarray(0, 16)
      const tag = argon2Sync('argon2id', { message: password.normalize('NFKC'), nonce, ...ARGON2 })
      const { memory, passes, parallelism } = ARGON2
      return `${HASHED}v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
    },
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
