import type { Transaction } from 'kysely'
import type { Stage } from '../model/stage.ts'
import { fromStage, toStage } from './rows.ts'
import type { Tables } from './schema.ts'

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
