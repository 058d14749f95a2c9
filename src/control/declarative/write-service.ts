import type { Pair, ServicePlan } from '../../design/declarative/plan-service.ts'
import type { Service } from '../../model/service.ts'
import type { Stage } from '../../model/stage.ts'
import type { AuditEntry } from '../../store/audit.ts'
import type { Unit } from '../../store/unit.ts'
import { dropAlert, saveAlert } from '../alerts.ts'

/** Writes what is new and different of a service, with the audit entry of each; what goes goes by the use cases. */
export async function writeService(unit: Unit, plan: ServicePlan): Promise<void> {
  const { service, resources, methods, models, gatewayResponses, policies, stages, alerts } = plan
  const { id } = plan.after.service
  const entries = [...pairsOf(plan)].map(([kind, objectId, pair]) =>
    entryOf(plan.after.service.id, kind, objectId, pair),
  )
  const isTouched = [service, ...resources, ...methods, ...models, gatewayResponses, ...written(policies)].some(
    (pair) => pair !== null,
  )
  if (isTouched) await writeOwn(unit, plan.after.service, service)
  await unit.methods.delete(removed(methods).map((method) => method.id))
  await unit.resources.delete(removed(resources).map((resource) => resource.id))
  await unit.models.delete(
    id,
    removed(models).map(({ name }) => name),
  )
  await unit.resources.insert(created(resources))
  await unit.methods.insert(id, created(methods))
  await unit.models.insert(id, created(models))
  for (const resource of updated(resources)) await unit.resources.update(resource)
  for (const method of updated(methods)) await unit.methods.update(id, method)
  for (const model of updated(models)) await unit.models.update(id, model)
  if (gatewayResponses?.after != null) await unit.services.setGatewayResponses(id, gatewayResponses.after)
  await unit.policies.insert(id, created(policies))
  for (const policy of updated(policies)) await unit.policies.update(id, policy, policy.values)
  for (const stage of created(stages)) await unit.stages.insert(stage)
  for (const stage of updated(stages)) await unit.stages.update(touched(stage))
  for (const alert of [...created(alerts), ...updated(alerts)])
    await saveAlert(unit, plan.after.service, alert, Date.now())
  for (const alert of removed(alerts)) await dropAlert(unit, plan.after.service, alert)
  await unit.audit.recordAll(entries)
}

async function writeOwn(unit: Unit, service: Service, pair: Pair<Service> | null): Promise<void> {
  if (pair?.before === null) await unit.services.insert(service)
  else await unit.services.update(touched(service))
}

/** The next version of what is there. */
function touched<T extends Service | Stage>(thing: T): T {
  return { ...thing, version: thing.version + 1, updatedAt: new Date().toISOString() }
}

function created<T>(pairs: readonly Pair<T>[]): T[] {
  return pairs.flatMap(({ before, after }) => (before === null && after !== null ? [after] : []))
}

function updated<T>(pairs: readonly Pair<T>[]): T[] {
  return pairs.flatMap(({ before, after }) => (before !== null && after !== null ? [after] : []))
}

function removed<T>(pairs: readonly Pair<T>[]): T[] {
  return pairs.flatMap(({ before, after }) => (before !== null && after === null ? [before] : []))
}

/** What is new or different; what goes goes by its use case. */
function written<T>(pairs: readonly Pair<T>[]): Pair<T>[] {
  return pairs.filter(({ after }) => after !== null)
}

/** What the audit calls what is written here. */
type Kind = 'service' | 'resource' | 'method' | 'model' | 'gateway-responses' | 'policy' | 'stage'

/** Every change, with what the audit calls it. Stages and policies that go are recorded where they are deleted. */
function* pairsOf(plan: ServicePlan): Generator<[kind: Kind, id: string, pair: Pair<unknown>]> {
  const { id } = plan.after.service
  if (plan.service !== null) yield ['service', id, plan.service]
  for (const pair of plan.resources) yield ['resource', (pair.after ?? pair.before)?.id ?? '', pair]
  for (const pair of plan.methods) yield ['method', (pair.after ?? pair.before)?.id ?? '', pair]
  for (const pair of plan.models) yield ['model', `${id}/${(pair.after ?? pair.before)?.name ?? ''}`, pair]
  if (plan.gatewayResponses !== null) yield ['gateway-responses', id, plan.gatewayResponses]
  for (const pair of written(plan.policies)) yield ['policy', `${id}/${pair.after?.name ?? ''}`, pair]
  for (const pair of plan.stages) if (pair.after !== null) yield ['stage', pair.after.id, pair]
}

function entryOf(serviceId: string, kind: Kind, id: string, { before, after }: Pair<unknown>): AuditEntry {
  // All gateway responses of a service are one thing, which is always there.
  if (kind === 'gateway-responses') return { action: 'update', kind, id, serviceId, before, after }
  const action = before === null ? 'create' : after === null ? 'delete' : 'update'
  return { action, kind, id, serviceId, before, after }
}
