import { type Change, diffDesigns, diffStages, type StageContent } from '../design/changes.ts'
import { fitOverlay } from '../design/check-overlay.ts'
import { effectivePolicies } from '../design/policy-references.ts'
import type { Deployment } from '../model/deployment.ts'
import { Conflict, NotFound } from '../model/errors.ts'
import type { Design } from '../model/revision.ts'
import type { Stage } from '../model/stage.ts'
import { frozenPolicies } from '../snapshot/compile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService, findStage } from './find.ts'
import { findDeployment, readSnapshotOf } from './read-deployments.ts'
import { policiesOf } from './stage-policies.ts'

/** What has been changed and does not hold yet. */
export interface PendingChanges {
  /** From the design that the stage runs to the draft: what applying would change. */
  readonly draft: Change[]
  /** From what is live to the stage: what deploying would change. Null where nothing is live, or it is too old to tell. */
  readonly live: Change[] | null
  /** The number of the deployment that serves a share beside what is live; null for none. */
  readonly canary: number | null
}

/** The differences draft ↔ stage ↔ live. `apply` tells for `live` what deploying would change that applies the draft first. */
export async function readChanges(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  { apply = false } = {},
): Promise<PendingChanges> {
  const service = await findService(unit, serviceIdOrName)
  const stage = await findStage(unit, service, stageIdOrName)
  const design = await designOf(unit, stage)
  const draft = await readDraft(unit, service)
  const live = stage.deploymentId === null ? null : await unit.deployments.find(stage.deploymentId)
  const isSameDesign = live !== null && live.revisionId === stage.revisionId
  const liveContent = live === null ? null : await contentOf(unit, live, isSameDesign ? design : undefined)
  const next = apply ? withDraft(stage, draft) : { stage, design }
  const policies = liveContent === null ? [] : await policiesOf(unit, service, next.stage, next.design)
  const canary = await unit.canaries.find(stage.id)
  return {
    draft: diffDesigns(design, draft),
    live:
      liveContent === null
        ? null
        : diffStages(liveContent, { design: next.design, settings: next.stage, policies: frozenPolicies(policies) }),
    canary: canary?.deployment ?? null,
  }
}

/** A stage as applying the draft would leave it, with that draft as its design. */
export function withDraft(stage: Stage, design: Design): { stage: Stage; design: Design } {
  return { stage: { ...stage, overlay: fitOverlay(stage.overlay, design).kept }, design }
}

/** What is different between two deployments of a stage. */
export async function compareDeployments(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  from: number,
  to: number,
): Promise<Change[]> {
  const [before, after] = [
    await findContent(unit, serviceIdOrName, stageIdOrName, from),
    await findContent(unit, serviceIdOrName, stageIdOrName, to),
  ]
  return diffStages(before, after)
}

/** The design that a stage runs; an empty one before anything was applied. */
export async function designOf(unit: Unit, { revisionId }: Pick<Stage, 'revisionId'>): Promise<Design> {
  if (revisionId === null) return { resources: [], methods: [], models: [], gatewayResponses: {} }
  const design = await unit.revisions.design(revisionId)
  if (design === null) throw new NotFound('revision', revisionId)
  return design
}

async function findContent(unit: Unit, service: string, stage: string, number: number): Promise<StageContent> {
  const content = await contentOf(unit, await findDeployment(unit, service, stage, number))
  if (content !== null) return content
  throw new Conflict(`Deployment ${number} was made by an older version, which did not keep what it was made of.`)
}

/** What a deployment was made of; null for one that is too old to tell. `design` is its design where it has been read already. */
async function contentOf(unit: Unit, deployment: Deployment, design?: Design): Promise<StageContent | null> {
  const settings = await unit.deployments.settings(deployment.id)
  if (settings === null) return null
  const own = design ?? (await designOf(unit, deployment))
  // Of a snapshot nothing else is read here, and most have none.
  if (effectivePolicies(own, settings).size === 0) return { design: own, settings }
  // What is in the store was frozen by snapshot/hash.ts.
  const { policies = {} } = JSON.parse(await readSnapshotOf(unit, deployment)) as Snapshot
  return { design: own, settings, policies }
}
