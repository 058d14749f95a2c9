import type { Activation, Deployment } from '../model/deployment.ts'
import { NotFound } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import { findService, findStage } from './find.ts'

/** The history of a stage, the newest first: at most `limit` deployments with numbers below `before`. */
export async function listDeployments(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  before: number,
  limit: number,
): Promise<Deployment[]> {
  const stage = await findStage(unit, await findService(unit, serviceIdOrName), stageIdOrName)
  return unit.deployments.ofStage(stage.id, before, limit)
}

/** One deployment of a stage. Throws `NotFound`. */
export async function findDeployment(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  number: number,
): Promise<Deployment> {
  const stage = await findStage(unit, await findService(unit, serviceIdOrName), stageIdOrName)
  const deployment = await unit.deployments.findByNumber(stage.id, number)
  if (deployment === null) throw new NotFound('deployment', `${serviceIdOrName}/${stageIdOrName} #${number}`)
  return deployment
}

/** One deployment of a stage, and how it stands on the nodes. */
export async function readDeployment(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  number: number,
): Promise<Deployment & { nodes: Activation[] }> {
  const deployment = await findDeployment(unit, serviceIdOrName, stageIdOrName, number)
  return { ...deployment, nodes: await unit.deployments.activations(deployment.id) }
}

/** The snapshot of a deployment, as canonical JSON. */
export async function readSnapshot(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  number: number,
): Promise<string> {
  return readSnapshotOf(unit, await findDeployment(unit, serviceIdOrName, stageIdOrName, number))
}

/** The same, of a deployment that has been found. */
export async function readSnapshotOf(unit: Unit, { hash }: Pick<Deployment, 'hash'>): Promise<string> {
  const json = await unit.deployments.snapshot(hash)
  if (json === null) throw new NotFound('snapshot', hash)
  return json
}
