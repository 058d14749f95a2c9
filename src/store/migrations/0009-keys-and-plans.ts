import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** API keys, usage plans, what connects them, and what was used. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('api_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('search', 'text', (column) => column.notNull())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('primary_digest', 'text', (column) => column.notNull().unique())
    .addColumn('secondary_digest', 'text', (column) => column.notNull().unique())
    .addColumn('expires_at', 'text')
    .addColumn('last_used', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('plans')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('requests_per_second', 'integer')
    .addColumn('burst', 'integer')
    .addColumn('quota', 'text')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('plan_stages')
    .addColumn('plan_id', 'text', (column) => column.notNull().references('plans.id'))
    .addColumn('stage_id', 'text', (column) => column.notNull().references('stages.id'))
    .addPrimaryKeyConstraint('plan_stages_key', ['plan_id', 'stage_id'])
    .execute()
  await schema.createIndex('plan_stages_stage').on('plan_stages').column('stage_id').execute()
  await schema
    .createTable('subscriptions')
    .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id'))
    .addColumn('stage_id', 'text', (column) => column.notNull())
    .addColumn('plan_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('subscriptions_key', ['key_id', 'stage_id'])
    .addForeignKeyConstraint('subscriptions_plan', ['plan_id', 'stage_id'], 'plan_stages', ['plan_id', 'stage_id'])
    .execute()
  await schema.createIndex('subscriptions_of_plan').on('subscriptions').columns(['plan_id', 'stage_id']).execute()
  await schema
    .createTable('quota_usage')
    .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id').onDelete('cascade'))
    .addColumn('stage_id', 'text', (column) => column.notNull().references('stages.id').onDelete('cascade'))
    .addColumn('plan_id', 'text', (column) => column.notNull().references('plans.id').onDelete('cascade'))
    .addColumn('period', 'integer', (column) => column.notNull())
    .addColumn('used', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('quota_usage_key', ['key_id', 'stage_id', 'plan_id'])
    .execute()
}
