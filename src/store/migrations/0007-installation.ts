import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** What is known of the installation as a whole, by name. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('installation')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}
