import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Statistics: a journal of what came, and buckets of time. All times are minutes since the Unix epoch. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('statistics_groups')
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('stage_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addUniqueConstraint('statistics_groups_name', ['stage_id', 'kind'])
    .execute()
  await schema
    .createTable('statistics_series')
    .addColumn('group_number', 'integer', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('seen', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('statistics_series_key', ['group_number', 'place'])
    .addUniqueConstraint('statistics_series_name', ['id', 'group_number'])
    .execute()
  await schema.createIndex('statistics_series_seen').on('statistics_series').column('seen').execute()
  await schema
    .createTable('statistics_journal')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('batch', 'integer', (column) => column.notNull())
    .addColumn('minute', 'integer', (column) => column.notNull())
    .addColumn('data', 'blob', (column) => column.notNull())
    .execute()
  await schema.createIndex('statistics_journal_batch').on('statistics_journal').columns(['batch', 'minute']).execute()
  await schema
    .createTable('statistics_buckets')
    .addColumn('width', 'integer', (column) => column.notNull())
    .addColumn('start', 'integer', (column) => column.notNull())
    .addColumn('group_number', 'integer', (column) => column.notNull())
    .addColumn('block', 'integer', (column) => column.notNull())
    .addColumn('batch', 'integer', (column) => column.notNull())
    .addColumn('data', 'blob', (column) => column.notNull())
    .addPrimaryKeyConstraint('statistics_buckets_key', ['width', 'start', 'group_number', 'block', 'batch'])
    .execute()
  await schema
    .createTable('statistics_due')
    .addColumn('width', 'integer', (column) => column.notNull())
    .addColumn('start', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('statistics_due_key', ['width', 'start'])
    .execute()
}
