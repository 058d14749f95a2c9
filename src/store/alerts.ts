import type { Selectable, Transaction } from '#bundles/kysely'
import type { AlertStanding, StageAlert } from '../model/alert.ts'
import type { Tables } from './schema.ts'

/** A rule as it is kept. */
export interface StoredAlert extends StageAlert {
  readonly standing: AlertStanding
  /** The last standing that the webhook was told, as `toldOf` makes it; empty for none. */
  readonly told: string
  /** Counts the changes of the rule. */
  readonly version: number
}

/** Alert rules of stages. */
export class Alerts {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All rules, or those of one stage, by name in order. */
  async list(stageId: string | null): Promise<StoredAlert[]> {
    const all = this.db.selectFrom('alerts').selectAll().orderBy('stage_id').orderBy('name')
    return (await (stageId === null ? all : all.where('stage_id', '=', stageId)).execute()).map(toAlert)
  }

  async find(stageId: string, name: string): Promise<StoredAlert | null> {
    const row = await this.db
      .selectFrom('alerts')
      .selectAll()
      .where('stage_id', '=', stageId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row === undefined ? null : toAlert(row)
  }

  /** Saves a rule, in the place of that of its name. */
  async put(alert: StoredAlert): Promise<void> {
    const { stage_id: _, name: __, ...columns } = fromAlert(alert)
    await this.db
      .insertInto('alerts')
      .values(fromAlert(alert))
      .onConflict((conflict) => conflict.columns(['stage_id', 'name']).doUpdateSet(columns))
      .execute()
  }

  async delete(stageId: string, name: string): Promise<void> {
    await this.db.deleteFrom('alerts').where('stage_id', '=', stageId).where('name', '=', name).execute()
  }
}

function toAlert({ stage_id, name, rule, secret, standing, told, version }: Selectable<Tables['alerts']>): StoredAlert {
  return { stageId: stage_id, name, rule: JSON.parse(rule), secret, standing: JSON.parse(standing), told, version }
}

function fromAlert({ stageId, name, rule, secret, standing, told, version }: StoredAlert): Tables['alerts'] {
  return {
    stage_id: stageId,
    name,
    rule: JSON.stringify(rule),
    secret,
    standing: JSON.stringify(standing),
    told,
    version,
  }
}
