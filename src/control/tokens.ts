import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiToken, Grants } from '../model/access.ts'
import { Conflict, Forbidden, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'
import { type Actor, boundedBy, mayEverywhere, mayGive } from './access.ts'
import { findServiceRoles } from './service-roles.ts'
import { readFuture } from './times.ts'

/** A token that was just made: its value is shown this once. */
export interface NewToken {
  readonly token: ApiToken
  readonly value: string
}

/** 256 random bits. The prefix lets secret scanners know what they have found. */
function newValue(): string {
  return `tp_${randomBytes(32).toString('base64url')}`
}

/** What is kept of a token or a session. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/**
 * Makes a token, of the user who calls if there is one. Nobody can give it more than they have: neither rights nor, if they
 * show a token themselves, time.
 */
export async function createToken(
  unit: Unit,
  actor: Grants & Pick<Actor, 'userId' | 'expiresAt'>,
  { name, role = null, serviceRoles: given = {}, expiresAt = null }: Pick<ApiToken, 'name'> & Partial<ApiToken>,
): Promise<NewToken> {
  const serviceRoles = await findServiceRoles(unit, given)
  if (!mayGive(actor, { role, serviceRoles }))
    throw new Forbidden('A token cannot have more rights than whoever makes it.')
  const ends = expiresAt === null ? null : readFuture('token', expiresAt)
  if (actor.expiresAt !== null && (ends === null || Date.parse(ends) > Date.parse(actor.expiresAt)))
    throw new Forbidden(
      `A token cannot outlive the one that it is made with: give it an "expiresAt" of ${actor.expiresAt} or earlier.`,
    )
  const value = newValue()
  const { userId } = actor
  const createdAt = new Date().toISOString()
  const token: ApiToken = { id: newId(), name, role, serviceRoles, userId, expiresAt: ends, createdAt }
  await unit.tokens.insert(token, digestOf(value))
  await unit.audit.record({ action: 'create', kind: 'token', id: token.id, before: null, after: token })
  return { token, value }
}

/** The tokens that somebody may see: admins all, others their own. */
export async function listTokens(unit: Unit, actor: Actor): Promise<ApiToken[]> {
  return (await unit.tokens.list()).filter((token) => isOwnOrAdmin(actor, token))
}

/** Revokes a token, at once. Somebody else's is not there for those who are not admins. */
export async function deleteToken(unit: Unit, actor: Actor, id: string): Promise<void> {
  const before = await unit.tokens.find(id)
  if (before === null || !isOwnOrAdmin(actor, before)) throw new NotFound('token', id)
  await unit.tokens.delete(id)
  await unit.audit.record({ action: 'delete', kind: 'token', id, before, after: null })
}

/** Revokes the token that was shown. Throws `Conflict` where none of the store was. */
export async function deleteOwnToken(unit: Unit, { tokenId }: Actor): Promise<void> {
  const before = tokenId === null ? null : await unit.tokens.find(tokenId)
  if (before === null) throw new Conflict('This call was made without a token that could be revoked.')
  await unit.tokens.delete(before.id)
  await unit.audit.record({ action: 'delete', kind: 'token', id: before.id, before, after: null })
}

function isOwnOrAdmin(actor: Actor, { userId }: ApiToken): boolean {
  return mayEverywhere(actor, 'admin') || (userId !== null && userId === actor.userId)
}

/**
 * Makes the first admin token, if there is neither a token nor a user yet. Returns it, in clear, this once; null at every
 * later start, also where all tokens have been revoked.
 */
export function ensureAdminToken(store: Store): Promise<string | null> {
  return store.inTransaction('system', async (unit) => {
    if ((await unit.tokens.exist()) || (await unit.users.exist())) return null
    const everything = { role: 'admin', serviceRoles: {}, userId: null, expiresAt: null } as const
    return (await createToken(unit, everything, { name: 'first-admin', role: 'admin' })).value
  })
}

/** Finds out who shows a token or a session. */
export class Authenticator {
  private readonly store: Store
  private readonly localDigest: string

  /** `localToken` is an admin's, of this run only, for the CLI on this machine. */
  constructor(store: Store, localToken: string) {
    this.store = store
    this.localDigest = digestOf(localToken)
  }

  /** Whose token this is; null for one that is not known, or has expired. */
  async byToken(value: string): Promise<Actor | null> {
    const digest = digestOf(value)
    if (timingSafeEqual(Buffer.from(digest), Buffer.from(this.localDigest)))
      return {
        userId: null,
        tokenId: null,
        expiresAt: null,
        name: 'local',
        role: 'admin',
        serviceRoles: {},
        isCookie: false,
      }
    return this.store.inTransaction('system', async (unit) => {
      // Looked up by digest: how long it takes says nothing about the token.
      const token = await unit.tokens.findByDigest(digest)
      if (token === null || (token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now())) return null
      const { id, name, userId, expiresAt } = token
      const shown = { userId, tokenId: id, expiresAt, isCookie: false }
      if (userId === null) return { ...shown, ...grantsOf(token), name: `token:${name}` }
      const owner = await unit.users.find(userId)
      return owner === null ? null : { ...shown, ...boundedBy(token, owner), name: owner.name }
    })
  }

  /** Whose session this is; null for one that is not known, or has expired. */
  async bySession(value: string): Promise<Actor | null> {
    const now = new Date().toISOString()
    const user = await this.store.inTransaction('system', (unit) => unit.users.findBySession(digestOf(value), now))
    if (user === null) return null
    const { id, name, role, serviceRoles } = user
    return { userId: id, tokenId: null, expiresAt: null, name, role, serviceRoles, isCookie: true }
  }
}

function grantsOf({ role, serviceRoles }: Grants): Grants {
  return { role, serviceRoles }
}
