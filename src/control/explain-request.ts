import { Conflict } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { compile } from '../snapshot/compile.ts'
import { type FrozenSnapshot, freeze } from '../snapshot/hash.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService, findStage } from './find.ts'
import { designOf } from './read-changes.ts'
import { findDeployment, readSnapshotOf } from './read-deployments.ts'
import { policiesOf } from './stage-policies.ts'

/** Against what a request is explained: what is live, a deployment by its number, the stage as it is, or with the draft applied. */
export type Against = 'live' | 'stage' | 'draft' | number

/** The snapshot to explain a request against. Throws `Invalid` where it cannot be compiled, `Conflict` where nothing is live. */
export async function snapshotToExplain(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  against: Against,
  baseDomain: string,
): Promise<FrozenSnapshot> {
  const service = await findService(unit, serviceIdOrName)
  const stage = await findStage(unit, service, stageIdOrName)
  if (typeof against === 'number') return frozen(unit, await findDeployment(unit, service.id, stage.id, against))
  if (against === 'live') return frozenLive(unit, service, stage)
  const design = against === 'draft' ? await readDraft(unit, service) : await designOf(unit, stage)
  const policies = await policiesOf(unit, service, stage, design)
  return freeze(compile({ service, stage, design, policies, baseDomain }))
}

async function frozenLive(unit: Unit, service: Service, stage: Stage): Promise<FrozenSnapshot> {
  const live = stage.deploymentId === null ? null : await unit.deployments.find(stage.deploymentId)
  if (live !== null) return frozen(unit, live)
  throw new Conflict(
    `Nothing of "${service.name}/${stage.name}" is live: deploy it, or explain against the stage or the draft.`,
  )
}

async function frozen(unit: Unit, deployment: { hash: string }): Promise<FrozenSnapshot> {
  return { hash: deployment.hash, json: await readSnapshotOf(unit, deployment) }
}
