import { type Kysely, sql } from '#bundles/kysely'
import type { Tables } from '../schema.ts'
import { up as firstTables } from './0001-first-tables.ts'
import { up as revisions } from './0002-revisions.ts'
import { up as people } from './0003-people.ts'
import { up as interfaces } from './0004-interfaces.ts'
import { up as stageAddresses } from './0005-stage-addresses.ts'
import { up as serviceSearch } from './0006-service-search.ts'
import { up as installation } from './0007-installation.ts'
import { up as publicDocuments } from './0008-public-documents.ts'
import { up as keysAndPlans } from './0009-keys-and-plans.ts'
import { up as policies } from './0010-policies.ts'
import { up as statistics } from './0011-statistics.ts'
import { up as certificates } from './0012-certificates.ts'
import { up as managedCertificates } from './0013-managed-certificates.ts'
import { up as alerts } from './0015-alerts.ts'
import { up as canary } from './0016-canary.ts'
import { up as auditServices } from './0017-audit-services.ts'

/** Every migration, in order. They only run forward. */
const migrations: readonly { readonly name: string; readonly up: (database: Kysely<Tables>) => Promise<void> }[] = [
  { name: '0001-first-tables', up: firstTables },
  { name: '0002-revisions', up: revisions },
  { name: '0003-people', up: people },
  { name: '0004-interfaces', up: interfaces },
  { name: '0005-stage-addresses', up: stageAddresses },
  { name: '0006-service-search', up: serviceSearch },
  { name: '0007-installation', up: installation },
  { name: '0008-public-documents', up: publicDocuments },
  { name: '0009-keys-and-plans', up: keysAndPlans },
  { name: '0010-policies', up: policies },
  { name: '0011-statistics', up: statistics },
  { name: '0012-certificates', up: certificates },
  { name: '0013-managed-certificates', up: managedCertificates },
  { name: '0015-alerts', up: alerts },
  { name: '0016-canary', up: canary },
  { name: '0017-audit-services', up: auditServices },
]

/** The database was written by a newer version of the program, whose tables this one does not know. */
export class NewerDatabase extends Error {}

/**
 * Brings the tables up to this version, each step in one transaction. `backUp` is called first where there is something
 * to lose. Throws `NewerDatabase`.
 */
export async function migrate(database: Kysely<Tables>, backUp: (lastMigration: string) => void): Promise<void> {
  await sql`create table if not exists migrations (name text primary key)`.execute(database)
  const done = (await sql<{ name: string }>`select name from migrations order by name`.execute(database)).rows.map(
    ({ name }) => name,
  )
  const unknown = done.find((name) => !migrations.some((migration) => migration.name === name))
  if (unknown !== undefined) throw new NewerDatabase(`it has the migration "${unknown}"`)
  const due = migrations.filter(({ name }) => !done.includes(name))
  const last = done.at(-1)
  if (due.length > 0 && last !== undefined) backUp(last)
  for (const { name, up } of due) {
    await database.transaction().execute(async (transaction) => {
      await up(transaction)
      await sql`insert into migrations (name) values (${name})`.execute(transaction)
    })
  }
}
