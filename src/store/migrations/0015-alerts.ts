import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Alert rules of stages, and how they stand. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('alerts')
    .addColumn('stage_id', 'text', (column) => column.notNull().references('stages.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('secret', 'text')
    .addColumn('standing', 'text', (column) => column.notNull())
    .addColumn('told', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alerts_name', ['stage_id', 'name'])
    .execute()
}
