import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Revisions of designs, overlays of stages, and what a deployment was made of. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('revisions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('service_id', 'text', (column) => column.notNull().references('services.id').onDelete('cascade'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('design', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('revisions_number', ['service_id', 'number'])
    .addUniqueConstraint('revisions_hash', ['service_id', 'hash'])
    .execute()
  await schema
    .alterTable('services')
    .addColumn('gateway_responses', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute()
  const stages = schema.alterTable('stages')
  await stages.addColumn('overlay', 'text', (column) => column.notNull().defaultTo('[]')).execute()
  await stages.addColumn('revision_id', 'text').execute()
  await stages.addColumn('base_deployment_id', 'text').execute()
  await stages.addColumn('keep_deployments', 'integer', (column) => column.notNull().defaultTo(100)).execute()
  const deployments = schema.alterTable('deployments')
  await deployments.addColumn('revision_id', 'text').execute()
  // Deployments of before have no settings: they can be made live again, but not be restored.
  await deployments.addColumn('settings', 'text').execute()
}
