import { newId } from '../model/id.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree } from './addresses.ts'
import { readDraft } from './apply-draft.ts'
import { createService } from './create-service.ts'
import { findService } from './find.ts'

/** Copies a service: its design with models and gateway responses, its restriction policies, and, if asked, its stages, which are not deployed yet. */
export async function copyService(
  unit: Unit,
  serviceIdOrName: string,
  { name, withStages }: { name: string; withStages: boolean },
): Promise<Service> {
  const source = await findService(unit, serviceIdOrName)
  const design = await readDraft(unit, source)
  const copy = await createService(unit, { name, description: source.description })
  // A new service has its root already; that of the source takes its place.
  await unit.resources.delete((await unit.resources.ofService(copy.id)).map(({ id }) => id))
  const resources = design.resources.map((resource) => ({
    from: resource.id,
    resource: { ...resource, id: newId(), serviceId: copy.id },
  }))
  const newIds = new Map(resources.map(({ from, resource }) => [from, resource.id]))
  await unit.resources.insert(resources.map(({ resource }) => resource))
  await unit.methods.insert(
    copy.id,
    design.methods.map((method) => ({ ...method, id: newId(), resourceId: newIds.get(method.resourceId) ?? '' })),
  )
  await unit.models.insert(copy.id, design.models)
  await unit.services.setGatewayResponses(copy.id, design.gatewayResponses)
  await unit.policies.insert(copy.id, await unit.policies.ofService(source.id))
  const stages = withStages ? (await unit.stages.ofService(source.id)).map((stage) => undeployed(stage, copy)) : []
  await assertAddressesFree(unit, copy.name, stages)
  for (const stage of stages) await unit.stages.insert(stage)
  await unit.audit.record({
    action: 'copy',
    kind: 'service',
    serviceId: copy.id,
    id: copy.id,
    before: null,
    after: { from: source.name, withStages },
  })
  return copy
}

function undeployed(stage: Stage, { id: serviceId, createdAt }: Service): Stage {
  return {
    ...stage,
    id: newId(),
    serviceId,
    // Names of its own stay with the source.
    domains: [],
    pathPrefix: null,
    revisionId: null,
    deploymentId: null,
    baseDeploymentId: null,
    version: 1,
    createdAt,
    updatedAt: createdAt,
  }
}
