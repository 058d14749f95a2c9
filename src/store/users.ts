import type { Selectable, Transaction } from '#bundles/kysely'
import type { User } from '../model/access.ts'
import type { Tables } from './schema.ts'

/** Users and their sessions. */
export class Users {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All users, by name. */
  async list(): Promise<User[]> {
    return (await this.db.selectFrom('users').selectAll().orderBy('name').execute()).map(toUser)
  }

  async find(id: string): Promise<User | null> {
    const row = await this.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toUser(row)
  }

  /** The user of a name, and the hash of the password. */
  async findForLogin(name: string): Promise<{ user: User; password: string } | null> {
    const row = await this.db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : { user: toUser(row), password: row.password }
  }

  /** The hash of a user's password; null if there is no such user. */
  async passwordOf(id: string): Promise<string | null> {
    const row = await this.db.selectFrom('users').select('password').where('id', '=', id).executeTakeFirst()
    return row?.password ?? null
  }

  async exist(): Promise<boolean> {
    return (await this.db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  async insert(user: User, password: string): Promise<void> {
    await this.db
      .insertInto('users')
      .values({ ...fromUser(user), password })
      .execute()
  }

  async update(user: User): Promise<void> {
    await this.db.updateTable('users').set(fromUser(user)).where('id', '=', user.id).execute()
  }

  /** Sets a password and ends all sessions that were begun with the one before. */
  async setPassword(id: string, password: string): Promise<void> {
    await this.db.updateTable('users').set({ password }).where('id', '=', id).execute()
    await this.db.deleteFrom('sessions').where('user_id', '=', id).execute()
  }

  /** Deletes a user with all sessions. */
  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('users').where('id', '=', id).execute()
  }

  /** The user of a session that has not expired, by the digest of its id. */
  async findBySession(digest: string, now: string): Promise<User | null> {
    const row = await this.db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .selectAll('users')
      .where('sessions.digest', '=', digest)
      .where('sessions.expires_at', '>', now)
      .executeTakeFirst()
    return row === undefined ? null : toUser(row)
  }

  async insertSession(digest: string, userId: string, createdAt: string, expiresAt: string): Promise<void> {
    await this.db.deleteFrom('sessions').where('expires_at', '<=', createdAt).execute()
    await this.db
      .insertInto('sessions')
      .values({ digest, user_id: userId, created_at: createdAt, expires_at: expiresAt })
      .execute()
  }

  async deleteSession(digest: string): Promise<void> {
    await this.db.deleteFrom('sessions').where('digest', '=', digest).execute()
  }
}

function toUser(row: Omit<Selectable<Tables['users']>, 'password'>): User {
  const { id, name, version } = row
  return {
    id,
    name,
    role: row.role as User['role'],
    serviceRoles: JSON.parse(row.service_roles),
    version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function fromUser({ id, name, role, serviceRoles, version, createdAt, updatedAt }: User) {
  return {
    id,
    name,
    role,
    service_roles: JSON.stringify(serviceRoles),
    version,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
