import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Whether everybody may read the API document of a stage. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .alterTable('stages')
    .addColumn('public_document', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
}
