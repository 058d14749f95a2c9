import { Conflict, NotFound } from '../model/errors.ts'
import type { ApiKey, Subscription } from '../model/key.ts'
import type { Unit } from '../store/unit.ts'
import { findKey } from './keys.ts'
import { findPlan, type StageAddress, stageAt } from './plans.ts'

/** What became of the subscriptions of a key. */
export interface Subscribed {
  readonly key: ApiKey
  readonly items: Subscription[]
}

/** Subscribes a key to a stage through a plan; or moves it to that plan. Throws `Conflict` where the plan is not connected. */
export async function subscribe(
  unit: Unit,
  keyIdOrName: string,
  address: StageAddress,
  planIdOrName: string,
): Promise<Subscribed> {
  const key = await findKey(unit, keyIdOrName)
  const stage = await stageAt(unit, address)
  const plan = await findPlan(unit, planIdOrName)
  if (!(await unit.plans.isConnected(plan.id, stage.id)))
    throw new Conflict(
      `The plan "${plan.name}" is not connected to ${address.service}/${address.stage}: connect it first.`,
    )
  const before = (await unit.keys.subscriptionsOf(key.id)).find(({ stageId }) => stageId === stage.id)
  if (before?.planId !== plan.id) {
    await unit.keys.subscribe(key.id, stage.id, plan.id)
    await unit.audit.record({
      action: before === undefined ? 'subscribe' : 'move',
      kind: 'key',
      serviceId: stage.serviceId,
      id: key.id,
      before: before === undefined ? null : { stageId: stage.id, planId: before.planId },
      after: { stageId: stage.id, planId: plan.id },
    })
  }
  return { key, items: await unit.keys.subscriptionsOf(key.id) }
}

/** Ends a subscription. Throws `NotFound` where there is none. Returns the key. */
export async function unsubscribe(unit: Unit, keyIdOrName: string, address: StageAddress): Promise<ApiKey> {
  const key = await findKey(unit, keyIdOrName)
  const stage = await stageAt(unit, address)
  const before = (await unit.keys.subscriptionsOf(key.id)).find(({ stageId }) => stageId === stage.id)
  if (before === undefined) throw new NotFound('subscription of the key to', `${address.service}/${address.stage}`)
  await unit.keys.unsubscribe(key.id, stage.id)
  const { planId } = before
  await unit.audit.record({
    action: 'unsubscribe',
    kind: 'key',
    serviceId: stage.serviceId,
    id: key.id,
    before: { stageId: stage.id, planId },
    after: null,
  })
  return key
}
