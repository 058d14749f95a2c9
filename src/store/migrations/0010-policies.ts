import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Restriction policies of services, and their values, of which there can be thousands. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('policies')
    .addColumn('service_id', 'text', (column) => column.notNull().references('services.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('key_in', 'text', (column) => column.notNull())
    .addColumn('key_name', 'text', (column) => column.notNull())
    .addColumn('requests_per_second', 'integer')
    .addColumn('unlisted', 'text', (column) => column.notNull())
    .addColumn('remaining_header', 'text')
    .addPrimaryKeyConstraint('policies_name', ['service_id', 'name'])
    .execute()
  await schema
    .createTable('policy_values')
    .addColumn('service_id', 'text', (column) => column.notNull())
    .addColumn('policy', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('requests_per_second', 'integer')
    .addColumn('networks', 'text')
    .addPrimaryKeyConstraint('policy_values_value', ['service_id', 'policy', 'value'])
    .addForeignKeyConstraint(
      'policy_values_policy',
      ['service_id', 'policy'],
      'policies',
      ['service_id', 'name'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
}
