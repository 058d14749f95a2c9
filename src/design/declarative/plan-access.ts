import type { KeyFields, PlanFields } from '../../model/declarative.ts'
import type { ApiKey, KeySlot } from '../../model/key.ts'
import type { Plan } from '../../model/plan.ts'
import { type Change, diffThing } from '../changes.ts'
import type { Pair, PlannedChange } from './plan-service.ts'

/** Usage plans and API keys: how a document has them, and what is different between what is there and what is to be. */

/** A usage plan with the stages that it is connected to, as `SERVICE/STAGE`. */
export interface ConnectedPlan {
  readonly plan: Plan
  readonly stages: readonly string[]
}

/** A key with the names of the plans that it is subscribed through, by `SERVICE/STAGE`. */
export interface SubscribedKey {
  readonly key: ApiKey
  readonly subscriptions: Readonly<Record<string, string>>
}

/** A plan as a document has it, which is always in one order. */
export function toPlanFields({ plan, stages }: ConnectedPlan): PlanFields {
  const { description, requestsPerSecond, burst, quota } = plan
  return { description, requestsPerSecond, burst, quota, stages: stages.toSorted() }
}

/** A key as a document has it. */
export function toKeyFields({ key: { description, active, expiresAt }, subscriptions }: SubscribedKey): KeyFields {
  return { description, active, expiresAt, subscriptions }
}

/** What is to be done to a plan; null where that is nothing. */
export function planPlanChange(pair: Pair<ConnectedPlan>): PlannedChange | null {
  const name = (pair.after ?? pair.before)?.plan.name ?? ''
  return told('plan', name, {
    before: pair.before && comparable(pair.before),
    after: pair.after && comparable(pair.after),
  })
}

/** What is to be done to a key; null where that is nothing. Of values it says which of them change. */
export function planKeyChange(
  { before, after }: Pair<SubscribedKey>,
  changedValues: readonly KeySlot[],
): PlannedChange | null {
  const name = (after ?? before)?.key.name ?? ''
  const pair = { before: before && { ...toKeyFields(before) }, after: after && { ...toKeyFields(after) } }
  return told(
    'key',
    name,
    pair,
    changedValues.map((slot) => valueChange(`key ${name}`, slot)),
  )
}

/** As the differences are told: stage by stage. */
function comparable(plan: ConnectedPlan): Fields {
  const { stages, ...fields } = toPlanFields(plan)
  return { ...fields, stages: Object.fromEntries(stages.map((stage) => [stage, {}])) }
}

type Fields = Readonly<Record<string, unknown>>

function told(
  kind: 'plan' | 'key',
  name: string,
  { before, after }: Pair<Fields>,
  others: readonly Change[] = [],
): PlannedChange | null {
  const differences = [...diffThing(`${kind} ${name}`, before, after), ...others]
  if (differences.length === 0) return null
  const action = before === null ? 'create' : after === null ? 'delete' : 'update'
  return { action, kind, service: null, name, differences }
}

function valueChange(node: string, slot: KeySlot): Change {
  const text = `${node}: ${slot} value is changed`
  return { kind: 'changed', node, field: `/values/${slot}`, before: null, after: null, text }
}
