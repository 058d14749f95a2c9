import type { Transaction } from '#bundles/kysely'
import type { Method } from '../model/method.ts'
import { inBatches } from './batches.ts'
import { fromMethod, toMethod } from './rows.ts'
import type { Tables } from './schema.ts'

/** Methods of resources. */
export class Methods {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(serviceId: string, id: string): Promise<Method | null> {
    const row = await this.db
      .selectFrom('methods')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? null : toMethod(row)
  }

  async ofService(serviceId: string): Promise<Method[]> {
    const rows = await this.db.selectFrom('methods').selectAll().where('service_id', '=', serviceId).execute()
    return rows.map(toMethod)
  }

  async ofResources(resourceIds: readonly string[]): Promise<Method[]> {
    const found: Method[] = []
    await inBatches(resourceIds, async (ids) => {
      const rows = await this.db
        .selectFrom('methods')
        .selectAll()
        .where('resource_id', 'in', ids)
        .orderBy('verb')
        .execute()
      found.push(...rows.map(toMethod))
    })
    return found
  }

  /** Verb and path of methods, as far as they are in a draft. */
  async labels(ids: readonly string[]): Promise<Map<string, string>> {
    const labels = new Map<string, string>()
    await inBatches(ids, async (some) => {
      const rows = await this.db
        .selectFrom('methods')
        .innerJoin('resources', 'resources.id', 'methods.resource_id')
        .select(['methods.id', 'verb', 'path'])
        .where('methods.id', 'in', some)
        .execute()
      for (const { id, verb, path } of rows) labels.set(id, `${verb} ${path}`)
    })
    return labels
  }

  async insert(serviceId: string, methods: readonly Method[]): Promise<void> {
    await inBatches(
      methods.map((method) => fromMethod(method, serviceId)),
      (rows) => this.db.insertInto('methods').values(rows).execute(),
    )
  }

  async update(serviceId: string, method: Method): Promise<void> {
    await this.db.updateTable('methods').set(fromMethod(method, serviceId)).where('id', '=', method.id).execute()
  }

  async delete(ids: readonly string[]): Promise<void> {
    await inBatches(ids, (some) => this.db.deleteFrom('methods').where('id', 'in', some).execute())
  }
}
