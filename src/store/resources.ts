import type { Transaction } from '#bundles/kysely'
import type { Resource } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import { fromResource, toResource } from './rows.ts'
import type { Tables } from './schema.ts'

/** Nodes of the path trees, by path in order. */
export class Resources {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(serviceId: string, id: string): Promise<Resource | null> {
    const row = await this.db
      .selectFrom('resources')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? null : toResource(row)
  }

  async findByPath(serviceId: string, path: string): Promise<Resource | null> {
    const row = await this.db
      .selectFrom('resources')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('path', '=', path)
      .executeTakeFirst()
    return row === undefined ? null : toResource(row)
  }

  /** All resources of a service. */
  async ofService(serviceId: string): Promise<Resource[]> {
    const rows = await this.db
      .selectFrom('resources')
      .selectAll()
      .where('service_id', '=', serviceId)
      .orderBy('path')
      .execute()
    return rows.map(toResource)
  }

  /** At most `limit` resources whose paths come behind `after`. */
  async page(serviceId: string, after: string, limit: number): Promise<Resource[]> {
    const rows = await this.db
      .selectFrom('resources')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('path', '>', after)
      .orderBy('path')
      .limit(limit)
      .execute()
    return rows.map(toResource)
  }

  /** The paths of a service: what is needed to check a new one. */
  async pathsOf(serviceId: string): Promise<string[]> {
    const rows = await this.db.selectFrom('resources').select('path').where('service_id', '=', serviceId).execute()
    return rows.map(({ path }) => path)
  }

  async insert(resources: readonly Resource[]): Promise<void> {
    await inBatches(resources.map(fromResource), (rows) => this.db.insertInto('resources').values(rows).execute())
  }

  async update(resource: Resource): Promise<void> {
    await this.db.updateTable('resources').set(fromResource(resource)).where('id', '=', resource.id).execute()
  }

  /** Deletes resources and their methods. */
  async delete(ids: readonly string[]): Promise<void> {
    await inBatches(ids, (some) => this.db.deleteFrom('resources').where('id', 'in', some).execute())
  }
}
