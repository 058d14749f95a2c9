import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Plan, PlanStage } from '../model/plan.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { findService, findStage } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** What somebody says of a plan. */
export type PlanFields = Pick<Plan, 'name' | 'description' | 'requestsPerSecond' | 'burst' | 'quota'>

/** The most plans: the data plane has numbers for more, but each of them is known to every worker. */
export const MAX_PLANS = 10_000

/** Makes a plan. Throws `Conflict` where the name is taken. */
export async function createPlan(unit: Unit, given: Pick<Plan, 'name'> & Partial<PlanFields>): Promise<Plan> {
  const { name, description = '', requestsPerSecond = null, burst = null, quota = null } = given
  if ((await unit.plans.findByName(name)) !== null)
    throw new Conflict(`There is already a plan "${name}": choose another name.`)
  if ((await unit.plans.list()).length >= MAX_PLANS)
    throw new Conflict(`There are ${MAX_PLANS} plans, which is the most: delete one that nobody needs.`)
  const now = new Date().toISOString()
  const plan: Plan = {
    id: newId(),
    name,
    description,
    requestsPerSecond,
    burst,
    quota,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  assertPlan(plan)
  await unit.plans.insert(plan)
  await unit.audit.record({ action: 'create', kind: 'plan', id: plan.id, before: null, after: plan })
  return plan
}

/** All plans by name, or those that are connected to a stage. */
export async function listPlans(unit: Unit, { stageId }: { readonly stageId?: string | undefined }): Promise<Plan[]> {
  const plans = await unit.plans.list()
  if (stageId === undefined) return plans
  const connected = new Set((await unit.plans.ofStages([stageId])).map(({ plan }) => plan))
  return plans.filter(({ name }) => connected.has(name))
}

/** The plan of an id or a name. Throws `NotFound`. */
export async function findPlan(unit: Unit, idOrName: string): Promise<Plan> {
  const plan = (await unit.plans.find(idOrName)) ?? (await unit.plans.findByName(idOrName))
  if (plan === null) throw new NotFound('plan', idOrName)
  return plan
}

/** Changes a plan. Another quota keeps what was used of the one before; none forgets it. */
export async function updatePlan(
  unit: Unit,
  idOrName: string,
  changes: Partial<PlanFields>,
  expected: ExpectedVersion,
): Promise<Plan> {
  const before = await findPlan(unit, idOrName)
  assertVersion(before, expected)
  if (
    changes.name !== undefined &&
    changes.name !== before.name &&
    (await unit.plans.findByName(changes.name)) !== null
  )
    throw new Conflict(`There is already a plan "${changes.name}": choose another name.`)
  // Whoever takes the rate away means its burst as well.
  const withoutRate = changes.requestsPerSecond === null && changes.burst === undefined ? { burst: null } : {}
  const after = {
    ...before,
    ...changes,
    ...withoutRate,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  assertPlan(after)
  await unit.plans.update(after)
  if (before.quota !== null && after.quota === null) await unit.keys.dropUsage(before.id)
  await unit.audit.record({ action: 'update', kind: 'plan', id: before.id, before, after })
  return after
}

/** Deletes a plan. Throws `Conflict` where it is connected to a stage. Returns it. */
export async function deletePlan(unit: Unit, idOrName: string, expected: ExpectedVersion): Promise<Plan> {
  const before = await findPlan(unit, idOrName)
  assertVersion(before, expected)
  const stages = await unit.plans.stagesOf(before.id)
  if (stages.length > 0) {
    const where = stages.map(({ service, stage }) => `${service}/${stage}`)
    throw new Conflict(`The plan "${before.name}" is connected to ${where.join(', ')}: disconnect it first.`)
  }
  await unit.plans.delete(before.id)
  await unit.audit.record({ action: 'delete', kind: 'plan', id: before.id, before, after: null })
  return before
}

/** Names a stage: by the id or name of its service, and its own. */
export interface StageAddress {
  readonly service: string
  readonly stage: string
}

/** Connects a plan to a stage, so that keys can be subscribed to that through it. Nothing where it is connected already. */
export async function connectPlan(unit: Unit, idOrName: string, address: StageAddress): Promise<PlanStage[]> {
  const [plan, stage] = [await findPlan(unit, idOrName), await stageAt(unit, address)]
  if (!(await unit.plans.isConnected(plan.id, stage.id))) {
    await unit.plans.connect(plan.id, stage.id)
    await unit.audit.record({
      action: 'connect',
      kind: 'plan',
      serviceId: stage.serviceId,
      id: plan.id,
      before: null,
      after: { stageId: stage.id },
    })
  }
  return unit.plans.stagesOf(plan.id)
}

/** Ends the connection of a plan to a stage. Throws `NotFound` where there is none, `Conflict` where keys are subscribed. */
export async function disconnectPlan(unit: Unit, idOrName: string, address: StageAddress): Promise<void> {
  const [plan, stage] = [await findPlan(unit, idOrName), await stageAt(unit, address)]
  if (!(await unit.plans.isConnected(plan.id, stage.id)))
    throw new NotFound('connection of the plan to', `${address.service}/${address.stage}`)
  const count = await unit.plans.countSubscriptions(plan.id, stage.id)
  if (count > 0)
    throw new Conflict(
      `${count === 1 ? '1 key is' : `${count} keys are`} subscribed to ${address.service}/${address.stage} through the plan "${plan.name}": end that, or move them to another plan, first.`,
    )
  await unit.plans.disconnect(plan.id, stage.id)
  await unit.audit.record({
    action: 'disconnect',
    kind: 'plan',
    serviceId: stage.serviceId,
    id: plan.id,
    before: { stageId: stage.id },
    after: null,
  })
}

/** Throws `Conflict` where a plan is connected to one of these stages, which `what` is going to delete. */
export async function assertNoPlans(unit: Unit, what: string, stages: readonly Stage[]): Promise<void> {
  const connected = await unit.plans.ofStages(stages.map(({ id }) => id))
  if (connected.length === 0) return
  const names = new Map(stages.map(({ id, name }) => [id, name]))
  const where = connected.map(({ plan, stageId }) => `"${plan}" (stage ${names.get(stageId)})`)
  throw new Conflict(`${what} is connected to the usage plan ${where.join(', ')}: disconnect it first.`)
}

/** The stage of an address. Throws `NotFound`. */
export async function stageAt(unit: Unit, { service, stage }: StageAddress): Promise<Stage> {
  return findStage(unit, await findService(unit, service), stage)
}

/** Throws `Invalid` where the fields of a plan do not fit together. */
export function assertPlan({ requestsPerSecond, burst }: Pick<Plan, 'requestsPerSecond' | 'burst'>): void {
  if (requestsPerSecond === null && burst !== null)
    throw new Invalid('A burst needs a rate.', [
      { path: '/burst', message: 'It means nothing without "requestsPerSecond": set that, or leave the burst out.' },
    ])
}
