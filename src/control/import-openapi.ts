import { type ImportMode, type ImportPlan, type PlannedMethod, planImport } from '../design/openapi/plan.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { singleTarget } from '../model/backend.ts'
import type { Deployment } from '../model/deployment.ts'
import { newId } from '../model/id.ts'
import type { ImportChange, ImportCounts, ImportNote } from '../model/import.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { hostNames } from '../snapshot/compile.ts'
import type { Unit } from '../store/unit.ts'
import { type Actor, assertMay } from './access.ts'
import { applyTo, readDraft } from './apply-draft.ts'
import type { UnitRunner } from './context.ts'
import { createService } from './create-service.ts'
import { createStage } from './create-stage.ts'
import type { Deployer, PreparedDeployment } from './deploy-stage.ts'
import { readDocument } from './document-reader.ts'
import { fetchDocument } from './fetch-document.ts'
import { findStage } from './find.ts'
import { updateStage } from './update-stage.ts'
import { assertVersion, touchService } from './versions.ts'

/** What is to be imported, and where it is to go. */
export interface ImportRequest {
  /** Name of the service; made if there is none. */
  readonly service: string
  /** The OpenAPI document, as text, or where it is fetched from. */
  readonly document: string | { readonly url: string }
  readonly mode: ImportMode
  /** Name of a stage; made if there is none. Without it, the default stage. */
  readonly stage?: string | undefined
  readonly backendUrl?: string | undefined
  readonly deploy: boolean
  readonly note: string
  /** The version of the service that the plan was made for; left out, whatever is there is changed. */
  readonly version?: number | undefined
  /** Only says what would be done. */
  readonly dryRun: boolean
}

/** What an import has done, or would do. */
export interface ImportResult {
  readonly service: Service
  readonly stage: Stage | null
  readonly plan: ImportCounts
  /** All that it does, in order. */
  readonly changes: readonly ImportChange[]
  /** What was not carried over, or was changed. */
  readonly notes: readonly ImportNote[]
  readonly deployment: Deployment | null
  readonly hosts: string[]
  /** The version of the service that this is a change of; 0 where there was none. */
  readonly baseVersion: number
}

/** The name of the stage that an import makes where there is none. */
const FIRST_STAGE = 'live'

/** Undoes a transaction and brings its result out: for a dry run, which does everything but keep it. */
class DryRun extends Error {
  readonly result: ImportResult

  constructor(result: ImportResult) {
    super('dry run')
    this.result = result
  }
}

/**
 * Imports an OpenAPI document into a service and, if asked, deploys it: all of it or nothing. Throws `Invalid` with the
 * line of every problem.
 */
export async function importOpenApi(
  runner: UnitRunner,
  deployer: Deployer,
  actor: Actor,
  request: ImportRequest,
): Promise<ImportResult> {
  const { document } = request
  const imported = await readDocument(typeof document === 'string' ? document : await fetchDocument(document.url))
  let result: ImportResult | undefined
  const work = async (unit: Unit): Promise<PreparedDeployment | null> => {
    const existing = await unit.services.findByName(request.service)
    assertMay(actor, 'write', existing?.id ?? null)
    // A service that the plan would make has version 0.
    if (request.version !== undefined) assertVersion(existing ?? { version: 0 }, request.version)
    const service = existing ?? (await createService(unit, { name: request.service }))
    const policies = await unit.policies.keysOf(service.id)
    const plan = planImport(imported, await readDraft(unit, service), request.mode, unit.vault, policies)
    const changed = await applyPlan(unit, service, plan)
    const stage = await stageFor(unit, changed, request)
    const prepared =
      request.deploy && stage !== null
        ? await deployer.prepare(unit, changed, (await applyTo(unit, changed, stage)).stage, request.note)
        : null
    const hosts = stage === null ? [] : hostNames(changed, stage, deployer.baseDomain)
    result = {
      service: changed,
      stage,
      plan: counts(plan),
      changes: plan.changes,
      notes: plan.notes,
      deployment: prepared?.deployment ?? null,
      hosts,
      baseVersion: existing?.version ?? 0,
    }
    if (request.dryRun) throw new DryRun(result)
    return prepared
  }
  try {
    if (!request.deploy) await runner.inTransaction(actor.name, work)
    else {
      const { deployment, version } = await deployer.run(
        actor.name,
        async (unit) => (await work(unit)) as PreparedDeployment,
      )
      const live = { deploymentId: deployment.id, baseDeploymentId: deployment.id }
      if (result !== undefined)
        return { ...result, stage: result.stage && { ...result.stage, ...live, version }, deployment }
    }
  } catch (error) {
    if (error instanceof DryRun) return { ...error.result, deployment: null }
    throw error
  }
  return result as unknown as ImportResult
}

/** Does what a plan says. Returns the service as it is then. */
async function applyPlan(unit: Unit, service: Service, plan: ImportPlan): Promise<Service> {
  const toMethod = (resourceId: string) => (method: PlannedMethod) => ({ ...method, id: newId(), resourceId })
  const created = plan.create.map(({ path, description, plugins, methods }) => ({
    resource: { id: newId(), serviceId: service.id, path, description, plugins },
    methods,
  }))
  await unit.methods.delete(plan.update.flatMap(({ remove }) => remove))
  await unit.resources.delete(plan.remove)
  await unit.resources.insert(created.map(({ resource }) => resource))
  await unit.methods.insert(service.id, [
    ...created.flatMap(({ resource, methods }) => methods.map(toMethod(resource.id))),
    ...plan.update.flatMap(({ resource, create }) => create.map(toMethod(resource.id))),
  ])
  for (const { resource, update } of plan.update) {
    await unit.resources.update(resource)
    for (const { methodId, method } of update)
      await unit.methods.update(service.id, { ...method, id: methodId, resourceId: resource.id })
  }
  await unit.models.delete(service.id, plan.models.remove)
  await unit.models.insert(service.id, plan.models.create)
  for (const model of plan.models.update) await unit.models.update(service.id, model)
  if (plan.gatewayResponses !== null) await unit.services.setGatewayResponses(service.id, plan.gatewayResponses)
  const described =
    service.description === '' && plan.description !== '' ? { ...service, description: plan.description } : service
  await unit.audit.record({
    action: 'import',
    kind: 'service',
    serviceId: service.id,
    id: service.id,
    before: null,
    after: { title: plan.title, ...counts(plan) },
  })
  return touchService(unit, described)
}

/** The stage that the import is for, with its backend set; null if none is asked for. */
async function stageFor(
  unit: Unit,
  service: Service,
  { stage: name, backendUrl, deploy }: ImportRequest,
): Promise<Stage | null> {
  if (name === undefined && backendUrl === undefined && !deploy) return null
  const backend = backendUrl === undefined ? null : singleTarget(backendUrl)
  const stages = await unit.stages.ofService(service.id)
  const existing =
    name === undefined ? stages.find(({ isDefault }) => isDefault) : stages.find((stage) => stage.name === name)
  if (existing === undefined) {
    const isDefault = !stages.some((stage) => stage.isDefault)
    return createStage(unit, service.id, { name: name ?? FIRST_STAGE, isDefault, backend })
  }
  if (backend === null || canonicalJson(backend) === canonicalJson(existing.backend))
    return findStage(unit, service, existing.id)
  return updateStage(unit, service.id, existing.id, { backend }, null)
}

function counts({ changes, unchangedMethods }: ImportPlan): ImportCounts {
  const count = (action: ImportChange['action'], kind: ImportChange['kind']) =>
    changes.filter((change) => change.action === action && change.kind === kind).length
  return {
    createdResources: count('create', 'path'),
    updatedResources: count('update', 'path'),
    removedResources: count('remove', 'path'),
    createdMethods: count('create', 'method'),
    updatedMethods: count('update', 'method'),
    removedMethods: count('remove', 'method'),
    unchangedMethods,
    createdModels: count('create', 'model'),
    updatedModels: count('update', 'model'),
    removedModels: count('remove', 'model'),
    updatedGatewayResponses: count('update', 'gateway-response'),
  }
}
