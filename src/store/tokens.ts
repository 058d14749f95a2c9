import type { Transaction } from 'kysely'
import type { Tables } from './schema.ts'

/** A token of the management API: its digest, never itself. */
export interface StoredToken {
  readonly id: string
  readonly name: string
  readonly role: string
  /** SHA-256 of the token, in hexadecimal. */
  readonly digest: string
  /** ISO 8601, UTC; null for never. */
  readonly expiresAt: string | null
  readonly createdAt: string
}

export class Tokens {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async findByDigest(digest: string): Promise<StoredToken | null> {
    const row = await this.db.selectFrom('tokens').selectAll().where('digest', '=', digest).executeTakeFirst()
    if (row === undefined) return null
    const { id, name, role, expires_at, created_at } = row
    return { id, name, role, digest, expiresAt: expires_at, createdAt: created_at }
  }

  async exist(): Promise<boolean> {
    return (await this.db.selectFrom('tokens').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  async insert({ id, name, role, digest, expiresAt, createdAt }: StoredToken): Promise<void> {
    await this.db
      .insertInto('tokens')
      .values({ id, name, role, digest, expires_at: expiresAt, created_at: createdAt })
      .execute()
  }
}
