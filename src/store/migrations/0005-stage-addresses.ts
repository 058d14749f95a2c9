import { type Kysely, sql } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Where stages are reached beside their host names, and on which nodes deployments are active. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  const stages = schema.alterTable('stages')
  await stages.addColumn('domains', 'text', (column) => column.notNull().defaultTo('[]')).execute()
  await stages.addColumn('path_prefix', 'text').execute()
  await stages.addColumn('trailing_slash', 'text', (column) => column.notNull().defaultTo('strict')).execute()
  await schema
    .createTable('activations')
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('node_name', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('failure', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('activations_node', ['deployment_id', 'node_id'])
    .execute()
  // What deployments of before were made of had no such fields: they had these values.
  const rows = await sql<{
    id: string
    settings: string
  }>`select id, settings from deployments where settings is not null`.execute(database)
  for (const { id, settings } of rows.rows) {
    const whole = JSON.stringify({ domains: [], pathPrefix: null, trailingSlash: 'strict', ...JSON.parse(settings) })
    await sql`update deployments set settings = ${whole} where id = ${id}`.execute(database)
  }
}
