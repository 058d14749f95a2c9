import { type Kysely, sql } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** Which service an entry of the audit log is about, and the version of an alert rule. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .alterTable('alerts')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await database.schema.alterTable('audit').addColumn('service_id', 'text').execute()
  await database.schema.createIndex('audit_service').on('audit').columns(['service_id', 'at', 'id']).execute()
  // Entries of before: what names its service, or is still there, can be told.
  const known = [
    sql`update audit set service_id = object_id where object_kind in ('service', 'methods', 'gateway-responses')`,
    // An id has 20 characters.
    sql`update audit set service_id = substr(object_id, 1, 20) where object_kind in ('model', 'policy', 'policy-value')`,
    sql`update audit set service_id = (select service_id from stages where stages.id = audit.object_id) where object_kind = 'stage'`,
    sql`update audit set service_id = (select service_id from stages where stages.id = substr(audit.object_id, 1, 20)) where object_kind = 'alert'`,
    sql`update audit set service_id = (select service_id from resources where resources.id = audit.object_id) where object_kind = 'resource'`,
    sql`update audit set service_id = (select service_id from methods where methods.id = audit.object_id) where object_kind = 'method'`,
  ]
  for (const one of known) await one.execute(database)
}
