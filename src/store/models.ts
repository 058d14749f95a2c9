import type { Transaction } from '#bundles/kysely'
import type { Model } from '../model/model.ts'
import { inBatches } from './batches.ts'
import type { Tables } from './schema.ts'

/** Models of services. */
export class Models {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All models of a service, by name in order. */
  async ofService(serviceId: string): Promise<Model[]> {
    const rows = await this.db
      .selectFrom('models')
      .selectAll()
      .where('service_id', '=', serviceId)
      .orderBy('name')
      .execute()
    return rows.map(toModel)
  }

  /** The names of the models of a service. */
  async namesOf(serviceId: string): Promise<string[]> {
    const rows = await this.db.selectFrom('models').select('name').where('service_id', '=', serviceId).execute()
    return rows.map(({ name }) => name)
  }

  async find(serviceId: string, name: string): Promise<Model | null> {
    const row = await this.db
      .selectFrom('models')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row === undefined ? null : toModel(row)
  }

  async insert(serviceId: string, models: readonly Model[]): Promise<void> {
    await inBatches(
      models.map((model) => fromModel(serviceId, model)),
      (rows) => this.db.insertInto('models').values(rows).execute(),
    )
  }

  async update(serviceId: string, model: Model): Promise<void> {
    await this.db
      .updateTable('models')
      .set(fromModel(serviceId, model))
      .where('service_id', '=', serviceId)
      .where('name', '=', model.name)
      .execute()
  }

  async delete(serviceId: string, names: readonly string[]): Promise<void> {
    await inBatches(names, (some) =>
      this.db.deleteFrom('models').where('service_id', '=', serviceId).where('name', 'in', some).execute(),
    )
  }
}

function toModel({ name, description, dialect, schema }: Tables['models']): Model {
  return { name, description, dialect: dialect as Model['dialect'], schema: JSON.parse(schema) }
}

function fromModel(serviceId: string, { name, description, dialect, schema }: Model): Tables['models'] {
  return { service_id: serviceId, name, description, dialect, schema: JSON.stringify(schema) }
}
