import type { Transaction } from '#bundles/kysely'
import type { ApiToken } from '../model/access.ts'
import type { Tables } from './schema.ts'

/** Tokens of the management API: their digests, never they themselves. */
export class Tokens {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All tokens, the oldest first. */
  async list(): Promise<ApiToken[]> {
    const rows = await this.db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute()
    return rows.map(toToken)
  }

  async find(id: string): Promise<ApiToken | null> {
    const row = await this.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toToken(row)
  }

  /** The token whose SHA-256, in hexadecimal, this is. */
  async findByDigest(digest: string): Promise<ApiToken | null> {
    const row = await this.db.selectFrom('tokens').selectAll().where('digest', '=', digest).executeTakeFirst()
    return row === undefined ? null : toToken(row)
  }

  async exist(): Promise<boolean> {
    return (await this.db.selectFrom('tokens').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  async insert(
    { id, name, role, serviceRoles, userId, expiresAt, createdAt }: ApiToken,
    digest: string,
  ): Promise<void> {
    await this.db
      .insertInto('tokens')
      .values({
        id,
        name,
        // The column cannot be null; a token without a role everywhere has the empty one.
        role: role ?? '',
        service_roles: JSON.stringify(serviceRoles),
        user_id: userId,
        digest,
        expires_at: expiresAt,
        created_at: createdAt,
      })
      .execute()
  }

  async setServiceRoles(id: string, serviceRoles: ApiToken['serviceRoles']): Promise<void> {
    await this.db
      .updateTable('tokens')
      .set({ service_roles: JSON.stringify(serviceRoles) })
      .where('id', '=', id)
      .execute()
  }

  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('tokens').where('id', '=', id).execute()
  }
}

function toToken(row: Omit<Tables['tokens'], 'digest'>): ApiToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role === '' ? null : (row.role as ApiToken['role']),
    serviceRoles: JSON.parse(row.service_roles),
    userId: row.user_id,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}
