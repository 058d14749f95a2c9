import type { Selectable, Transaction } from '#bundles/kysely'
import type { AcmeAccount, ManagedCertificate } from '../model/managed-certificate.ts'
import type { Tables } from './schema.ts'

/** Certificates that are got from authorities, and accounts with those. */
export class ManagedCertificates {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All of them, by name. */
  async list(): Promise<ManagedCertificate[]> {
    return (await this.db.selectFrom('managed_certificates').selectAll().orderBy('name').execute()).map(toManaged)
  }

  async findByName(name: string): Promise<ManagedCertificate | null> {
    const row = await this.db.selectFrom('managed_certificates').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : toManaged(row)
  }

  async insert(managed: ManagedCertificate): Promise<void> {
    await this.db.insertInto('managed_certificates').values(fromManaged(managed)).execute()
  }

  async update(managed: ManagedCertificate): Promise<void> {
    await this.db.updateTable('managed_certificates').set(fromManaged(managed)).where('id', '=', managed.id).execute()
  }

  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('managed_certificates').where('id', '=', id).execute()
  }

  /** The account with an authority; null where there is none yet. */
  async account(directoryUrl: string): Promise<AcmeAccount | null> {
    const row = await this.db
      .selectFrom('acme_accounts')
      .selectAll()
      .where('directory_url', '=', directoryUrl)
      .executeTakeFirst()
    return row === undefined ? null : { directoryUrl, url: row.url, sealedKey: row.sealed_key }
  }

  async insertAccount({ directoryUrl, url, sealedKey }: AcmeAccount): Promise<void> {
    await this.db
      .insertInto('acme_accounts')
      .values({ directory_url: directoryUrl, url, sealed_key: sealedKey })
      .execute()
  }
}

function toManaged(row: Selectable<Tables['managed_certificates']>): ManagedCertificate {
  const { id, name, failures } = row
  return {
    id,
    name,
    domains: JSON.parse(row.domains),
    // Only we write them.
    challenge: row.challenge as ManagedCertificate['challenge'],
    directoryUrl: row.directory_url,
    state: row.state as ManagedCertificate['state'],
    failures,
    lastError: row.last_error,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
  }
}

function fromManaged(managed: ManagedCertificate): Selectable<Tables['managed_certificates']> {
  const { id, name, domains, challenge, directoryUrl, state, failures, lastError, nextAttemptAt, createdAt } = managed
  return {
    id,
    name,
    domains: JSON.stringify(domains),
    challenge,
    directory_url: directoryUrl,
    state,
    failures,
    last_error: lastError,
    next_attempt_at: nextAttemptAt,
    created_at: createdAt,
  }
}
