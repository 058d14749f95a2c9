import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Deployments that serve a share of a stage beside the one that is live; one for each stage at most. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('canaries')
    .addColumn('stage_id', 'text', (column) => column.primaryKey().references('stages.id').onDelete('cascade'))
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    // In hundredths of a percent.
    .addColumn('share', 'integer', (column) => column.notNull())
    .addColumn('by', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .execute()
}
