import type { Transaction } from 'kysely'
import type { GatewayResponses } from '../model/gateway-response.ts'
import type { Service } from '../model/service.ts'
import { fromService, toService } from './rows.ts'
import type { Tables } from './schema.ts'

/** Services, by name in order. */
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

  /** At most `limit` services whose names come behind `after`; only those of `ids`, where that is given. */
  async list(after: string, limit: number, ids: readonly string[] | null = null): Promise<Service[]> {
    if (ids !== null && ids.length === 0) return []
    let query = this.db.selectFrom('services').selectAll().where('name', '>', after).orderBy('name').limit(limit)
    if (ids !== null) query = query.where('id', 'in', ids)
    return (await query.execute()).map(toService)
  }

  /** The gateway responses that a service has redefined. */
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
