import type { Selectable, Transaction } from '#bundles/kysely'
import type { StoredCertificate } from '../model/certificate.ts'
import type { Tables } from './schema.ts'

/** Certificates of the gateway. */
export class Certificates {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All of them, by name. */
  async list(): Promise<StoredCertificate[]> {
    return (await this.db.selectFrom('certificates').selectAll().orderBy('name').execute()).map(toCertificate)
  }

  async find(id: string): Promise<StoredCertificate | null> {
    const row = await this.db.selectFrom('certificates').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toCertificate(row)
  }

  async findByName(name: string): Promise<StoredCertificate | null> {
    const row = await this.db.selectFrom('certificates').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : toCertificate(row)
  }

  async insert(certificate: StoredCertificate): Promise<void> {
    await this.db.insertInto('certificates').values(fromCertificate(certificate)).execute()
  }

  async update(certificate: StoredCertificate): Promise<void> {
    await this.db
      .updateTable('certificates')
      .set(fromCertificate(certificate))
      .where('id', '=', certificate.id)
      .execute()
  }

  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('certificates').where('id', '=', id).execute()
  }
}

function toCertificate(row: Selectable<Tables['certificates']>): StoredCertificate {
  const { id, name, chain, version } = row
  return {
    id,
    name,
    chain,
    sealedKey: row.sealed_key,
    isDefault: row.is_default === 1,
    // Only we write it.
    source: row.source as StoredCertificate['source'],
    version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function fromCertificate(certificate: StoredCertificate): Selectable<Tables['certificates']> {
  const { id, name, chain, sealedKey, isDefault, source, version, createdAt, updatedAt } = certificate
  return {
    id,
    name,
    chain,
    sealed_key: sealedKey,
    is_default: isDefault ? 1 : 0,
    source,
    version,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
