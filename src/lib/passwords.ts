import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Passwords as argon2id (RFC 9106) in the PHC string format, with the parameters that OWASP recommends. */

/** What a hash costs. It stands in each hash, so that those of today are known again when this changes. */
interface Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}
const COST: Cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
const SALT_BYTES = 16
const TAG_BYTES = 32
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/

/** Hashes a password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return phc(COST, salt, await tagOf(password, salt, COST))
}

/**
 * Whether a password is the one that was hashed. Without a hash (there is no such user) it takes as long, so that the time
 * says nothing about who exists. Throws for a text that is no hash of ours.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const [, memory, passes, lanes, salt = '', tag = ''] = PHC.exec(hash ?? NOBODY) ?? []
  if (tag === '') throw new Error('the store holds a password that is not a hash of argon2id')
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) }
  const expected = Buffer.from(tag, 'base64')
  const actual = await tagOf(password, Buffer.from(salt, 'base64'), cost)
  return hash !== null && expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** A hash of no password: what is verified against where there is no user. */
const NOBODY = phc(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(TAG_BYTES))

function phc({ memoryKib, passes, lanes }: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`
}

function tagOf(password: string, nonce: Buffer, { memoryKib, passes, lanes }: Cost): Promise<Buffer> {
  return promisify(argon2)('argon2id', {
    // The same password from every keyboard (NIST SP 800-63B, section 5.1.1.2).
    message: password.normalize('NFKC'),
    nonce,
    parallelism: lanes,
    tagLength: TAG_BYTES,
    memory: memoryKib,
    passes,
  })
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
