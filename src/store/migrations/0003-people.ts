import type { Kysely } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Users, their sessions, and tokens with roles on single services. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text')
    .addColumn('service_roles', 'text', (column) => column.notNull())
    .addColumn('password', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('sessions')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .alterTable('tokens')
    .addColumn('service_roles', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute()
  await schema
    .alterTable('tokens')
    .addColumn('user_id', 'text', (column) => column.references('users.id').onDelete('cascade'))
    .execute()
}
