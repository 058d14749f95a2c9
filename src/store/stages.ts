import type { Transaction } from '#bundles/kysely'
import type { Stage } from '../model/stage.ts'
import { inBatches } from './batches.ts'
import { fromStage, toStage } from './rows.ts'
import type { Tables } from './schema.ts'

/** Where a stage is reached. */
export interface StageAddress extends Pick<Stage, 'id' | 'name' | 'isDefault' | 'domains' | 'pathPrefix'> {
  /** Name of the service. */
  readonly service: string
}

/** Stages of services. */
export class Stages {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(id: string): Promise<Stage | null> {
    const row = await this.db.selectFrom('stages').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toStage(row)
  }

  /** All stages of a service, by name in order. */
  async ofService(serviceId: string): Promise<Stage[]> {
    const rows = await this.db
      .selectFrom('stages')
      .selectAll()
      .where('service_id', '=', serviceId)
      .orderBy('name')
      .execute()
    return rows.map(toStage)
  }

  /** The same for several services. */
  async ofServices(serviceIds: readonly string[]): Promise<Stage[]> {
    const found: Stage[] = []
    await inBatches(serviceIds, async (some) => {
      const rows = await this.db.selectFrom('stages').selectAll().where('service_id', 'in', some).execute()
      found.push(...rows.map(toStage))
    })
    return found
  }

  /** Where all stages of all services are reached. */
  async addresses(): Promise<StageAddress[]> {
    const rows = await this.db
      .selectFrom('stages')
      .innerJoin('services', 'services.id', 'stages.service_id')
      .select([
        'stages.id',
        'services.name as service',
        'stages.name',
        'stages.is_default',
        'stages.domains',
        'stages.path_prefix',
      ])
      .execute()
    return rows.map(({ id, service, name, is_default, domains, path_prefix: pathPrefix }) => ({
      id,
      service,
      name,
      isDefault: is_default === 1,
      domains: JSON.parse(domains),
      pathPrefix,
    }))
  }

  async insert(stage: Stage): Promise<void> {
    await this.db.insertInto('stages').values(fromStage(stage)).execute()
  }

  async update(stage: Stage): Promise<void> {
    await this.db.updateTable('stages').set(fromStage(stage)).where('id', '=', stage.id).execute()
  }

  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('stages').where('id', '=', id).execute()
  }
}
