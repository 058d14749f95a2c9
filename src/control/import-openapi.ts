import type { ImportedMethod } from '../design/openapi/operations.ts'
import { type ImportMode, type ImportPlan, planImport } from '../design/openapi/plan.ts'
import { readOpenApi } from '../design/openapi/read.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { singleTarget } from '../model/backend.ts'
import type { Deployment } from '../model/deployment.ts'
import { newId } from '../model/id.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'
import { hostNames } from '../snapshot/compile.ts'
import type { Unit } from '../store/unit.ts'
import { type Actor, assertMay } from './access.ts'
import { applyTo } from './apply-draft.ts'
import type { UnitRunner } from './context.ts'
import { createService } from './create-service.ts'
import { createStage } from './create-stage.ts'
import type { Deployer, PreparedDeployment } from './deploy-stage.ts'
import { findStage } from './find.ts'
import { updateStage } from './update-stage.ts'
import { touchService } from './versions.ts'

/** What is to be imported, and where it is to go. */
export interface ImportRequest {
  /** Name of the service; made if there is none. */
  readonly service: string
  /** The OpenAPI document, as text. */
  readonly document: string
  readonly mode: ImportMode
  /** Name of a stage; made if there is none. Without it, the default stage. */
  readonly stage?: string | undefined
  readonly backendUrl?: string | undefined
  readonly deploy: boolean
  readonly note: string
  /** Only says what would be done. */
  readonly dryRun: boolean
}

/** What an import has done, or would do. */
export interface ImportResult {
  readonly service: Service
  readonly stage: Stage | null
  readonly plan: {
    readonly createdResources: number
    readonly createdMethods: number
    readonly updatedMethods: number
    readonly removedMethods: number
    readonly removedResources: number
    readonly unchangedMethods: number
  }
  readonly warnings: Problem[]
  readonly deployment: Deployment | null
  readonly hosts: string[]
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
  const source = readOpenApi(request.document)
  let result: ImportResult | undefined
  const work = async (unit: Unit): Promise<PreparedDeployment | null> => {
    const existing = await unit.services.findByName(request.service)
    assertMay(actor, 'write', existing?.id ?? null)
    const service = existing ?? (await createService(unit, { name: request.service }))
    const design = {
      resources: await unit.resources.ofService(service.id),
      methods: await unit.methods.ofService(service.id),
    }
    const plan = planImport(source, design, request.mode)
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
      warnings: [...plan.warnings],
      deployment: prepared?.deployment ?? null,
      hosts,
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
  const toMethod = (resourceId: string) => (method: ImportedMethod) => ({ ...method, id: newId(), resourceId })
  const created = plan.create.map(({ path, description, methods }) => ({
    resource: { id: newId(), serviceId: service.id, path, description, plugins: [] },
    methods,
  }))
  const resources = new Map(
    plan.update.some(({ description }) => description !== null)
      ? (await unit.resources.ofService(service.id)).map((one) => [one.id, one])
      : [],
  )
  await unit.methods.delete(plan.update.flatMap(({ remove }) => remove))
  await unit.resources.delete(plan.remove)
  await unit.resources.insert(created.map(({ resource }) => resource))
  await unit.methods.insert(service.id, [
    ...created.flatMap(({ resource, methods }) => methods.map(toMethod(resource.id))),
    ...plan.update.flatMap(({ resourceId, create }) => create.map(toMethod(resourceId))),
  ])
  for (const { resourceId, description, update } of plan.update) {
    for (const { methodId, method } of update)
      await unit.methods.update(service.id, { ...method, id: methodId, resourceId })
    const resource = resources.get(resourceId)
    if (description !== null && resource !== undefined) await unit.resources.update({ ...resource, description })
  }
  const described =
    service.description === '' && plan.description !== '' ? { ...service, description: plan.description } : service
  await unit.audit.record({
    action: 'import',
    kind: 'service',
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

function counts(plan: ImportPlan): ImportResult['plan'] {
  const sum = <T>(list: readonly T[], count: (one: T) => number) => list.reduce((total, one) => total + count(one), 0)
  return {
    createdResources: plan.create.length,
    createdMethods: sum(plan.create, ({ methods }) => methods.length) + sum(plan.update, ({ create }) => create.length),
    updatedMethods: sum(plan.update, ({ update }) => update.length),
    removedMethods: sum(plan.update, ({ remove }) => remove.length),
    removedResources: plan.remove.length,
    unchangedMethods: plan.unchanged,
  }
}
