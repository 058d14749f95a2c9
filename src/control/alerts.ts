import { postTrouble } from '../lib/post-json.ts'
import { sameJson } from '../lib/same-json.ts'
import { type Alert, type AlertRule, type AlertStanding, MOST_ALERT_RULES, type StageAlert } from '../model/alert.ts'
import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { StoredAlert } from '../store/alerts.ts'
import type { Unit } from '../store/unit.ts'
import { type Actor, visibleServices } from './access.ts'
import type { AlertWatch } from './alert-watch.ts'
import { findService, findStage } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** What somebody says of a rule; the secret is never told again. */
export type AlertFields = AlertRule & { readonly secret?: string | null }

type Watch = Pick<AlertWatch, 'latest'>

/** The rules of all stages that the caller may read. */
export async function listAlerts(unit: Unit, actor: Actor, watch: Watch): Promise<Alert[]> {
  const services = new Map((await unit.services.all(visibleServices(actor))).map((service) => [service.id, service]))
  const stages = new Map((await unit.stages.ofServices([...services.keys()])).map((stage) => [stage.id, stage]))
  return (await unit.alerts.list(null)).flatMap((alert) => {
    const stage = stages.get(alert.stageId)
    const service = stage === undefined ? undefined : services.get(stage.serviceId)
    return stage === undefined || service === undefined ? [] : [asTold(alert, service, stage, watch)]
  })
}

/** The rules of a stage. */
export async function listStageAlerts(unit: Unit, at: StagePath, watch: Watch): Promise<Alert[]> {
  const { service, stage } = await stageAt(unit, at)
  return (await unit.alerts.list(stage.id)).map((alert) => asTold(alert, service, stage, watch))
}

/** One rule. Throws `NotFound`. */
export async function readAlert(unit: Unit, at: StagePath, name: string, watch: Watch): Promise<Alert> {
  const { service, stage } = await stageAt(unit, at)
  return asTold(await findAlert(unit, stage, name), service, stage, watch)
}

/** Makes a rule, or puts it in the place of that of its name; that of another kind begins anew. It holds at once. */
export async function putAlert(
  unit: Unit,
  at: StagePath,
  name: string,
  { secret, ...rule }: AlertFields,
  expected: ExpectedVersion,
  now: number,
): Promise<Alert> {
  const { service, stage } = await stageAt(unit, at)
  const trouble = rule.webhook === null ? null : postTrouble(rule.webhook)
  if (trouble !== null)
    throw new Invalid('Nothing can be sent to this webhook.', [{ path: '/webhook', message: trouble }])
  const before = await unit.alerts.find(stage.id, name)
  // Where there is none, nobody can have seen it.
  assertVersion(before ?? { version: 0 }, expected)
  if (before === null && (await unit.alerts.list(stage.id)).length >= MOST_ALERT_RULES)
    throw new Conflict(`The stage has ${MOST_ALERT_RULES} alert rules, which is the most: delete one.`)
  const sealed = secret === undefined ? (before?.secret ?? null) : secret === null ? null : unit.vault.seal(secret)
  const after = await saveAlert(unit, service, { stageId: stage.id, name, rule, secret: sealed }, now)
  return asTold(after, service, stage, null)
}

/** Deletes a rule. Throws `NotFound`. */
export async function deleteAlert(unit: Unit, at: StagePath, name: string, expected: ExpectedVersion): Promise<void> {
  const { service, stage } = await stageAt(unit, at)
  const before = await findAlert(unit, stage, name)
  assertVersion(before, expected)
  await dropAlert(unit, service, before)
}

/** Writes a rule that was checked, with its audit entry. What is looked at in the same way goes on standing as it does. */
export async function saveAlert(
  unit: Unit,
  service: { readonly id: string },
  alert: StageAlert,
  now: number,
): Promise<StoredAlert> {
  const { stageId, name, rule } = alert
  const before = await unit.alerts.find(stageId, name)
  const isSame = before !== null && sameJson({ ...before.rule, webhook: null }, { ...rule, webhook: null })
  const after: StoredAlert = {
    ...alert,
    standing: isSame ? before.standing : startedAt(now),
    told: isSame ? before.told : '',
    version: (before?.version ?? 0) + 1,
  }
  await unit.alerts.put(after)
  await unit.audit.record({
    action: before === null ? 'create' : 'update',
    kind: 'alert',
    serviceId: service.id,
    id: `${stageId}/${name}`,
    before: before?.rule ?? null,
    after: rule,
  })
  return after
}

/** Deletes a rule that is there, with its audit entry. */
export async function dropAlert(
  unit: Unit,
  service: { readonly id: string },
  { stageId, name, rule }: StageAlert,
): Promise<void> {
  await unit.alerts.delete(stageId, name)
  const id = `${stageId}/${name}`
  await unit.audit.record({ action: 'delete', kind: 'alert', serviceId: service.id, id, before: rule, after: null })
}

/** What a webhook is to be told of a standing; empty for nothing. */
export function toldOf({ state, since }: AlertStanding): string {
  return state === 'firing' || state === 'resolved' ? `${state}@${since}` : ''
}

interface StagePath {
  readonly serviceId: string
  readonly stageId: string
}

async function stageAt(unit: Unit, { serviceId, stageId }: StagePath): Promise<{ service: Service; stage: Stage }> {
  const service = await findService(unit, serviceId)
  return { service, stage: await findStage(unit, service, stageId) }
}

async function findAlert(unit: Unit, stage: Stage, name: string): Promise<StoredAlert> {
  const alert = await unit.alerts.find(stage.id, name)
  if (alert === null) throw new NotFound('alert rule', name)
  return alert
}

function startedAt(now: number): AlertStanding {
  return { state: 'ok', since: now, turnedAt: null, value: null }
}

function asTold(
  { stageId, name, rule, secret, standing, told, version }: StoredAlert,
  service: Service,
  stage: Stage,
  watch: Watch | null,
): Alert {
  const wanted = toldOf(standing)
  return {
    name,
    service: service.name,
    stage: stage.name,
    ...rule,
    hasSecret: secret !== null,
    state: standing.state,
    since: new Date(standing.since).toISOString(),
    value: watch?.latest(stageId, name) ?? standing.value,
    isTold: rule.webhook === null || wanted === '' || wanted === told,
    version,
  }
}
