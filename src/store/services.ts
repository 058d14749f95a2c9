import { sql, type Transaction } from '#bundles/kysely'
import { foldCase } from '../lib/fold-case.ts'
import type { GatewayResponses } from '../model/gateway-response.ts'
import type { Service } from '../model/service.ts'
import { inBatches } from './batches.ts'
import { containing } from './containing.ts'
import { fromService, toService } from './rows.ts'
import type { Tables } from './schema.ts'

/** Which services, and in which order; those that share a time are in the order of their names. */
export interface ServiceQuery {
  /** Only those that have this text in name or description, in whatever case; all for the empty one. */
  readonly search: string
  readonly sort: keyof typeof SORT_COLUMNS
  readonly isDescending: boolean
  /** Only those that come behind one that has these values; null for all. */
  readonly after: { readonly name: string; readonly time: string } | null
  readonly limit: number
  /** Only those of these ids; null for all. */
  readonly ids: readonly string[] | null
}

const SORT_COLUMNS = { name: 'name', createdAt: 'created_at', updatedAt: 'updated_at' } as const

/** Services. */
export class Services {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(id: string): Promise<Service | null> {
    const row = await this.db.selectFrom('services').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toService(row)
  }

  async findByName(name: string): Promise<Service | null> {
    const row = await this.db.selectFrom('services').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : toService(row)
  }

  async list({ search, sort, isDescending, after, limit, ids }: ServiceQuery): Promise<Service[]> {
    if (ids !== null && ids.length === 0) return []
    const [column, direction] = [SORT_COLUMNS[sort], isDescending ? 'desc' : 'asc'] as const
    let query = this.db.selectFrom('services').selectAll().orderBy(column, direction).limit(limit)
    if (column !== 'name') query = query.orderBy('name', direction)
    if (ids !== null) query = query.where('id', 'in', ids)
    if (search !== '') query = query.where(sql<boolean>`search like ${containing(foldCase(search))} escape '!'`)
    if (after !== null) {
      const values = [column === 'name' ? after.name : after.time, after.name] as const
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple(column, 'name'), isDescending ? '<' : '>', tuple(...values)),
      )
    }
    return (await query.execute()).map(toService)
  }

  /** The gateway responses that a service has redefined. */
  /** All services, or those of some ids. */
  async all(ids: readonly string[] | null): Promise<Service[]> {
    const query = this.db.selectFrom('services').selectAll()
    if (ids === null) return (await query.execute()).map(toService)
    const found: Service[] = []
    await inBatches(ids, async (some) => {
      found.push(...(await query.where('id', 'in', some).execute()).map(toService))
    })
    return found
  }

  async gatewayResponses(id: string): Promise<GatewayResponses> {
    const row = await this.db.selectFrom('services').select('gateway_responses').where('id', '=', id).executeTakeFirst()
    return row === undefined ? {} : (JSON.parse(row.gateway_responses) as GatewayResponses)
  }

  async setGatewayResponses(id: string, responses: GatewayResponses): Promise<void> {
    await this.db
      .updateTable('services')
      .set({ gateway_responses: JSON.stringify(responses) })
      .where('id', '=', id)
      .execute()
  }

  async insert(service: Service): Promise<void> {
    await this.db.insertInto('services').values(fromService(service)).execute()
  }

  async update(service: Service): Promise<void> {
    await this.db.updateTable('services').set(fromService(service)).where('id', '=', service.id).execute()
  }

  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('services').where('id', '=', id).execute()
  }
}
