import type { Kysely } from '#bundles/kysely'
import { foldCase } from '../../lib/fold-case.ts'
import type { Tables } from '../schema.ts'

/** What services are searched by, and an index for the deletion of snapshots, each of which looks for its deployments. */
export async function up(database: Kysely<Tables>): Promise<void> {
  await database.schema.createIndex('deployments_hash').on('deployments').column('hash').execute()
  await database.schema
    .alterTable('services')
    .addColumn('search', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  // Folded here, because the lower case of databases ends with ASCII.
  for (const { id, name, description } of await database
    .selectFrom('services')
    .select(['id', 'name', 'description'])
    .execute()) {
    const search = foldCase(`${name}\n${description}`)
    await database.updateTable('services').set({ search }).where('id', '=', id).execute()
  }
}
