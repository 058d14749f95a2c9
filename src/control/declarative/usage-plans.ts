import { type ConnectedPlan, planPlanChange, toPlanFields } from '../../design/declarative/plan-access.ts'
import type { PlannedChange } from '../../design/declarative/plan-service.ts'
import type { ReadSetup } from '../../design/declarative/read-setup.ts'
import { pointerTo } from '../../lib/json-pointer.ts'
import { nearest } from '../../lib/nearest.ts'
import type { PlanFields, Setup } from '../../model/declarative.ts'
import { newId } from '../../model/id.ts'
import type { Plan } from '../../model/plan.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { AuditEntry } from '../../store/audit.ts'
import type { ConnectedStage } from '../../store/plans.ts'
import type { Unit } from '../../store/unit.ts'
import { assertPlan, MAX_PLANS } from '../plans.ts'
import type { KindPlan, Outlook, PlanOptions, PlanOutlook } from './kind.ts'
import { refusalsOf } from './refusals.ts'

/** Usage plans in a setup: what a document makes of them, and how a document has them. */

/** A plan that is there, with the stages that it is connected to. */
interface KnownPlan {
  readonly plan: Plan
  readonly stages: readonly ConnectedStage[]
}

/** What is to be done to one plan. */
interface PlannedPlan {
  readonly before: KnownPlan | null
  readonly after: ConnectedPlan
  readonly change: PlannedChange | null
}

/** Usage plans as a document has them. An export of some services has none: a plan may be connected to others. */
export async function exportUsagePlans(
  unit: Unit,
  services: readonly string[] | null,
): Promise<Readonly<Record<string, PlanFields>> | null> {
  if (services !== null) return null
  return Object.fromEntries((await knownPlans(unit)).map((known) => [known.plan.name, toPlanFields(connected(known))]))
}

/** What a document makes of the usage plans. */
export async function planUsagePlans(
  unit: Unit,
  { setup, isSound }: ReadSetup,
  { prune }: PlanOptions,
  outlook: Outlook,
): Promise<KindPlan> {
  const named = new Map(plansOf(setup))
  const there = await knownPlans(unit)
  const known = new Map(there.map((one) => [one.plan.name, one]))
  const problems: Problem[] = []
  const planned: PlannedPlan[] = []
  for (const [name, fields] of named) {
    const pointer = pointerTo('plans', name)
    if (!isSound(pointer)) continue
    const before = known.get(name) ?? null
    const after = readPlan(name, fields, before)
    problems.push(...checkPlan(after, fields, outlook).map(({ path, message }) => ({ path: pointer + path, message })))
    planned.push({ before, after, change: planPlanChange({ before: before && connected(before), after }) })
  }
  const unnamed = there.filter(({ plan }) => !named.has(plan.name))
  const [kept, gone] = prune && setup.plans !== undefined ? [[], unnamed] : [unnamed, []]
  problems.push(...checkCount(planned, there.length - gone.length))
  problems.push(...checkGoneStages(kept, outlook, setup))
  problems.push(...(await checkSubscribers(unit, disconnections(planned, gone), { setup, prune })))
  return {
    changes: [
      ...planned,
      ...gone.map((before) => ({ change: planPlanChange({ before: connected(before), after: null }) })),
    ]
      .flatMap(({ change }) => change ?? [])
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    problems,
    outlook: { plans: outlookOf(kept, named.keys(), planned) },
    touched: {
      plans: planned.flatMap(({ after, change }) => (change === null ? [] : [after.plan.id])),
      gonePlans: gone.map(({ plan }) => plan.id),
    },
    async write(unit) {
      for (const one of planned) await writePlan(unit, one, outlook)
    },
    async remove(unit) {
      for (const { plan, stage } of disconnections(planned, gone)) await disconnect(unit, plan, stage)
      for (const { plan } of gone) {
        await unit.plans.delete(plan.id)
        await unit.audit.record({ action: 'delete', kind: 'plan', id: plan.id, before: plan, after: null })
      }
      return []
    },
  }
}

async function knownPlans(unit: Unit): Promise<KnownPlan[]> {
  const stages = await unit.plans.connections()
  return (await unit.plans.list()).map((plan) => ({ plan, stages: stages.get(plan.id) ?? [] }))
}

function connected({ plan, stages }: KnownPlan): ConnectedPlan {
  return { plan, stages: stages.map(addressOf) }
}

function addressOf({ service, stage }: Pick<ConnectedStage, 'service' | 'stage'>): string {
  return `${service}/${stage}`
}

/** The plan that a document describes. */
function readPlan(name: string, { stages, ...fields }: PlanFields, before: KnownPlan | null): ConnectedPlan {
  const now = new Date().toISOString()
  const own = before?.plan ?? { id: newId(), version: 0, createdAt: now }
  return { plan: { ...own, ...fields, name, version: own.version + 1, updatedAt: now }, stages }
}

function checkPlan({ plan, stages }: ConnectedPlan, fields: PlanFields, outlook: Outlook): Problem[] {
  return [
    ...refusalsOf(() => assertPlan({ ...plan, ...fields })),
    ...stages.flatMap((stage, i) =>
      outlook.stages.has(stage) ? [] : [{ path: pointerTo('stages', i), message: noSuchStage(stage, outlook) }],
    ),
  ]
}

/** That a stage is named which there will not be. */
export function noSuchStage(stage: string, { stages }: Outlook): string {
  const similar = nearest(stage, [...stages.keys()])
  return `There is no stage "${stage}", neither in the setup nor beside it${similar === undefined ? '.' : `; did you mean "${similar}"?`}`
}

function checkCount(planned: readonly PlannedPlan[], others: number): Problem[] {
  const made = planned.filter(({ before }) => before === null).length
  if (made === 0 || others + made <= MAX_PLANS) return []
  return [{ path: pointerTo('plans'), message: `There would be more than ${MAX_PLANS} plans, which is the most.` }]
}

/** Stages that are deleted while a plan that stays as it is is connected to them. */
function checkGoneStages(kept: readonly KnownPlan[], { goneStages }: Outlook, { services }: Setup): Problem[] {
  const gone = new Set(goneStages.map(({ stageId }) => stageId))
  return kept.flatMap(({ plan, stages }) =>
    stages
      .filter(({ stageId }) => gone.has(stageId))
      .map((stage) => ({
        path:
          services?.[stage.service] === undefined
            ? pointerTo('services')
            : pointerTo('services', stage.service, 'stages'),
        message: `"${addressOf(stage)}" would be deleted, but the usage plan "${plan.name}" is connected to it: have the plan in the setup, without that stage.`,
      })),
  )
}

/** The end of a connection. */
interface Disconnection {
  readonly plan: Plan
  readonly stage: ConnectedStage
  /** Whether the plan is deleted. */
  readonly isGone: boolean
}

function disconnections(planned: readonly PlannedPlan[], gone: readonly KnownPlan[]): Disconnection[] {
  return [
    ...planned.flatMap(({ before, after }) =>
      (before?.stages ?? [])
        .filter((stage) => !after.stages.includes(addressOf(stage)))
        .map((stage) => ({ plan: after.plan, stage, isGone: false })),
    ),
    ...gone.flatMap(({ plan, stages }) => stages.map((stage) => ({ plan, stage, isGone: true }))),
  ]
}

/** How many keys are told by name. */
const MOST_NAMES = 3

/** Connections that end while keys that stay as they are are subscribed through them. */
async function checkSubscribers(
  unit: Unit,
  ended: readonly Disconnection[],
  { setup, prune }: { setup: Setup; prune: boolean },
): Promise<Problem[]> {
  if (prune && setup.keys !== undefined) return []
  const named = new Set(Object.keys(setup.keys ?? {}))
  const problems: Problem[] = []
  for (const { plan, stage, isGone } of ended) {
    const kept = (await unit.plans.subscribersOf(plan.id, stage.stageId)).filter((name) => !named.has(name))
    if (kept.length === 0) continue
    const names = kept.slice(0, MOST_NAMES).map((name) => `"${name}"`)
    const more = kept.length > names.length ? ` and ${kept.length - names.length} more` : ''
    problems.push({
      path: isGone ? pointerTo('plans') : pointerTo('plans', plan.name, 'stages'),
      message: `The plan "${plan.name}" would no longer be connected to ${addressOf(stage)}, but keys are subscribed through it: ${names.join(', ')}${more}. Have them in the setup, with another plan or none.`,
    })
  }
  return problems
}

/** The plans that there will be: those that stay as they are, and those of the document. */
function outlookOf(
  kept: readonly KnownPlan[],
  named: Iterable<string>,
  planned: readonly PlannedPlan[],
): Map<string, PlanOutlook> {
  const plans = new Map<string, PlanOutlook>()
  for (const { plan, stages } of kept) plans.set(plan.name, { id: plan.id, stages: new Set(stages.map(addressOf)) })
  for (const name of named) plans.set(name, { id: '', stages: null })
  for (const { after } of planned) plans.set(after.plan.name, { id: after.plan.id, stages: new Set(after.stages) })
  return plans
}

/** Writes what is new and different of a plan, and connects it; what ends, ends when no key needs it any more. */
async function writePlan(unit: Unit, { before, after, change }: PlannedPlan, { stages }: Outlook): Promise<void> {
  if (change === null) return
  const { plan } = after
  const entries: AuditEntry[] = []
  if (before === null) {
    await unit.plans.insert(plan)
    entries.push({ action: 'create', kind: 'plan', id: plan.id, before: null, after: plan })
  } else if (change.differences.some(({ field }) => !field.startsWith('/stages/'))) {
    await unit.plans.update(plan)
    if (before.plan.quota !== null && plan.quota === null) await unit.keys.dropUsage(plan.id)
    entries.push({ action: 'update', kind: 'plan', id: plan.id, before: before.plan, after: plan })
  }
  const old = new Set(before?.stages.map(addressOf))
  for (const address of after.stages.filter((stage) => !old.has(stage))) {
    const stageId = stages.get(address) ?? ''
    await unit.plans.connect(plan.id, stageId)
    entries.push({ action: 'connect', kind: 'plan', id: plan.id, before: null, after: { stageId } })
  }
  await unit.audit.recordAll(entries)
}

async function disconnect(unit: Unit, { id }: Plan, { stageId }: ConnectedStage): Promise<void> {
  await unit.plans.disconnect(id, stageId)
  await unit.audit.record({ action: 'disconnect', kind: 'plan', id, before: { stageId }, after: null })
}

/** The plans of a document; none where they have not the form of plans, which is told elsewhere. */
function plansOf({ plans }: Setup): [string, PlanFields][] {
  return typeof plans === 'object' && plans !== null ? Object.entries(plans) : []
}
