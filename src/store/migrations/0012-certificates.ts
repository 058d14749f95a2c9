import { type Kysely, sql } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Certificates of the gateway, with their keys as the vault has sealed them; and what stages say of HTTPS. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('certificates')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('sealed_key', 'text', (column) => column.notNull())
    .addColumn('is_default', 'integer', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute()
  const stages = database.schema.alterTable('stages')
  await stages.addColumn('https', 'text', (column) => column.notNull().defaultTo('optional')).execute()
  await stages.addColumn('hsts', 'text').execute()
  // What deployments of before were made of had no such fields: they had these values.
  const rows = await sql<{
    id: string
    settings: string
  }>`select id, settings from deployments where settings is not null`.execute(database)
  for (const { id, settings } of rows.rows) {
    const whole = JSON.stringify({ https: 'optional', hsts: null, ...JSON.parse(settings) })
    await sql`update deployments set settings = ${whole} where id = ${id}`.execute(database)
  }
}
