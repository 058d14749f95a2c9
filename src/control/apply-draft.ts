import { createHash } from 'node:crypto'
import { fitOverlay } from '../design/check-overlay.ts'
import { inOrder } from '../design/design.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { newId } from '../model/id.ts'
import type { Design, Revision } from '../model/revision.ts'
import type { Service } from '../model/service.ts'
import type { OverlayNode, Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { findService, findStage } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** A draft that has been applied to a stage. */
export interface AppliedDraft {
  readonly stage: Stage
  readonly revision: Revision
  /** What the overlay said of nodes that are no longer there. */
  readonly dropped: OverlayNode[]
}

/** Makes a revision of a service's draft and points a stage to it. */
export async function applyDraft(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  expected: ExpectedVersion,
): Promise<AppliedDraft> {
  const service = await findService(unit, serviceIdOrName)
  const stage = await findStage(unit, service, stageIdOrName)
  assertVersion(stage, expected)
  return applyTo(unit, service, stage)
}

/** The same, for a stage that has been found. */
export async function applyTo(unit: Unit, service: Service, before: Stage): Promise<AppliedDraft> {
  const design = await readDraft(unit, service)
  const revision = await keepRevision(unit, service, design)
  const { kept, dropped } = fitOverlay(before.overlay, design)
  if (before.revisionId === revision.id && dropped.length === 0) return { stage: before, revision, dropped }
  const stage: Stage = {
    ...before,
    revisionId: revision.id,
    overlay: kept,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  await unit.stages.update(stage)
  await unit.audit.record({
    action: 'apply',
    kind: 'stage',
    serviceId: stage.serviceId,
    id: stage.id,
    before,
    after: stage,
  })
  return { stage, revision, dropped }
}

/** The draft of a service. */
export async function readDraft(unit: Unit, { id }: Pick<Service, 'id'>): Promise<Design> {
  return inOrder({
    resources: await unit.resources.ofService(id),
    methods: await unit.methods.ofService(id),
    models: await unit.models.ofService(id),
    gatewayResponses: await unit.services.gatewayResponses(id),
  })
}

async function keepRevision(unit: Unit, service: Service, design: Design): Promise<Revision> {
  const json = canonicalJson(design)
  const hash = createHash('sha256').update(json).digest('hex')
  const known = await unit.revisions.findByHash(service.id, hash)
  if (known !== null) return known
  const revision: Revision = {
    id: newId(),
    serviceId: service.id,
    number: (await unit.revisions.lastNumber(service.id)) + 1,
    hash,
    author: unit.actor,
    createdAt: new Date().toISOString(),
  }
  await unit.revisions.insert(revision, json)
  return revision
}
