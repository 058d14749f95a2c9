import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { newId } from '../model/id.ts'
import type { Store } from '../store/open.ts'

/** What a token may do, each including those before it. */
export const roles = ['viewer', 'editor', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who calls, and what they may do. */
export interface Actor {
  readonly name: string
  readonly role: Role
}

/** 256 random bits. The prefix lets secret scanners know what they have found. */
export function newToken(): string {
  return `tp_${randomBytes(32).toString('base64url')}`
}

const digestOf = (token: string) => createHash('sha256').update(token).digest()

/** Makes the first admin token, if there is none yet. Returns it, in clear, this once; null at every later start. */
export function ensureAdminToken(store: Store): Promise<string | null> {
  return store.inTransaction('system', async (unit) => {
    if (await unit.tokens.exist()) return null
    const token = newToken()
    const id = newId()
    await unit.tokens.insert({
      id,
      name: 'first-admin',
      role: 'admin',
      digest: digestOf(token).toString('hex'),
      expiresAt: null,
      createdAt: new Date().toISOString(),
    })
    await unit.audit.record({
      action: 'create',
      kind: 'token',
      id,
      before: null,
      after: { name: 'first-admin', role: 'admin' },
    })
    return token
  })
}

/** Finds out whose a token is: one of the store's, or the one of this run. Null for every other. */
export class Authenticator {
  private readonly store: Store
  private readonly localDigest: Buffer

  constructor(store: Store, localToken: string) {
    this.store = store
    this.localDigest = digestOf(localToken)
  }

  async authenticate(token: string): Promise<Actor | null> {
    const digest = digestOf(token)
    if (timingSafeEqual(digest, this.localDigest)) return { name: 'local', role: 'admin' }
    // Looked up by digest: how long it takes says nothing about the token.
    const stored = await this.store.inTransaction('system', (unit) => unit.tokens.findByDigest(digest.toString('hex')))
    if (stored === null || (stored.expiresAt !== null && Date.parse(stored.expiresAt) <= Date.now())) return null
    const role = roles.find((one) => one === stored.role)
    return role === undefined ? null : { name: stored.name, role }
  }
}
