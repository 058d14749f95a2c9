import type { Selectable, Transaction } from '#bundles/kysely'
import type { Plan, PlanStage } from '../model/plan.ts'
import type { Tables } from './schema.ts'

/** A stage that a plan is connected to. */
export type ConnectedStage = Pick<PlanStage, 'stageId' | 'service' | 'stage'>

/** Usage plans, and the stages that they are connected to. */
export class Plans {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All plans, by name. */
  async list(): Promise<Plan[]> {
    return (await this.db.selectFrom('plans').selectAll().orderBy('name').execute()).map(toPlan)
  }

  async find(id: string): Promise<Plan | null> {
    const row = await this.db.selectFrom('plans').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toPlan(row)
  }

  async findByName(name: string): Promise<Plan | null> {
    const row = await this.db.selectFrom('plans').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : toPlan(row)
  }

  async insert(plan: Plan): Promise<void> {
    await this.db.insertInto('plans').values(fromPlan(plan)).execute()
  }

  async update(plan: Plan): Promise<void> {
    await this.db.updateTable('plans').set(fromPlan(plan)).where('id', '=', plan.id).execute()
  }

  /** Deletes a plan, which is connected to no stage. */
  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('plans').where('id', '=', id).execute()
  }

  /** The stages of a plan, by the names of services and stages. */
  async stagesOf(planId: string): Promise<PlanStage[]> {
    const rows = await this.db
      .selectFrom('plan_stages')
      .innerJoin('stages', 'stages.id', 'plan_stages.stage_id')
      .innerJoin('services', 'services.id', 'stages.service_id')
      .select(({ selectFrom }) => [
        'plan_stages.stage_id as stageId',
        'services.name as service',
        'stages.name as stage',
        selectFrom('subscriptions')
          .whereRef('subscriptions.plan_id', '=', 'plan_stages.plan_id')
          .whereRef('subscriptions.stage_id', '=', 'plan_stages.stage_id')
          .select(({ fn }) => fn.countAll<number | string>().as('count'))
          .as('subscriptions'),
      ])
      .where('plan_stages.plan_id', '=', planId)
      .orderBy('services.name')
      .orderBy('stages.name')
      .execute()
    return rows.map((row) => ({ ...row, subscriptions: Number(row.subscriptions ?? 0) }))
  }

  /** What all plans are connected to, by the ids of plans. */
  async connections(): Promise<Map<string, ConnectedStage[]>> {
    const rows = await this.db
      .selectFrom('plan_stages')
      .innerJoin('stages', 'stages.id', 'plan_stages.stage_id')
      .innerJoin('services', 'services.id', 'stages.service_id')
      .select(['plan_id', 'stage_id', 'services.name as service', 'stages.name as stage'])
      .execute()
    const byPlan = new Map<string, ConnectedStage[]>()
    for (const { plan_id: planId, stage_id: stageId, service, stage } of rows) {
      const known = byPlan.get(planId)
      if (known === undefined) byPlan.set(planId, [{ stageId, service, stage }])
      else known.push({ stageId, service, stage })
    }
    return byPlan
  }

  /** The plans that any of these stages is connected to, with the stage. */
  async ofStages(stageIds: readonly string[]): Promise<{ readonly plan: string; readonly stageId: string }[]> {
    if (stageIds.length === 0) return []
    const rows = await this.db
      .selectFrom('plan_stages')
      .innerJoin('plans', 'plans.id', 'plan_stages.plan_id')
      .select(['plans.name as plan', 'plan_stages.stage_id as stageId'])
      .where('plan_stages.stage_id', 'in', stageIds)
      .orderBy('plans.name')
      .execute()
    return rows.map(({ plan, stageId }) => ({ plan, stageId }))
  }

  async isConnected(planId: string, stageId: string): Promise<boolean> {
    const row = await this.db
      .selectFrom('plan_stages')
      .select('plan_id')
      .where('plan_id', '=', planId)
      .where('stage_id', '=', stageId)
      .executeTakeFirst()
    return row !== undefined
  }

  async connect(planId: string, stageId: string): Promise<void> {
    await this.db
      .insertInto('plan_stages')
      .values({ plan_id: planId, stage_id: stageId })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  async disconnect(planId: string, stageId: string): Promise<void> {
    await this.db.deleteFrom('plan_stages').where('plan_id', '=', planId).where('stage_id', '=', stageId).execute()
  }

  /** The names of the keys that are subscribed to a stage through a plan. */
  async subscribersOf(planId: string, stageId: string): Promise<string[]> {
    const rows = await this.db
      .selectFrom('subscriptions')
      .innerJoin('api_keys', 'api_keys.id', 'subscriptions.key_id')
      .select('api_keys.name')
      .where('subscriptions.plan_id', '=', planId)
      .where('subscriptions.stage_id', '=', stageId)
      .orderBy('api_keys.name')
      .execute()
    return rows.map(({ name }) => name)
  }

  /** How many keys are subscribed to a stage through a plan. */
  async countSubscriptions(planId: string, stageId: string): Promise<number> {
    const row = await this.db
      .selectFrom('subscriptions')
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .where('plan_id', '=', planId)
      .where('stage_id', '=', stageId)
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }
}

function toPlan(row: Selectable<Tables['plans']>): Plan {
  const { id, name, description, burst, version } = row
  return {
    id,
    name,
    description,
    requestsPerSecond: row.requests_per_second,
    burst,
    quota: row.quota === null ? null : JSON.parse(row.quota),
    version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function fromPlan(plan: Plan): Selectable<Tables['plans']> {
  const { id, name, description, requestsPerSecond, burst, quota, version, createdAt, updatedAt } = plan
  return {
    id,
    name,
    description,
    requests_per_second: requestsPerSecond,
    burst,
    quota: quota === null ? null : JSON.stringify(quota),
    version,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
