import type { PlannedChange } from '../../design/declarative/plan-service.ts'
import { Conflict } from '../../model/errors.ts'
import type { Unit } from '../../store/unit.ts'
import type { UnitRunner } from '../context.ts'
import type { Deployer } from '../deploy-stage.ts'
import type { LiveCertificates } from '../live-certificates.ts'
import type { LiveKeys } from '../live-keys.ts'
import type { Publisher } from '../publisher.ts'
import type { NamedStage, PlanOptions, Touched } from './kind.ts'
import { prepare, type SetupPlan } from './plan.ts'

/** What is to be applied. */
export interface ApplyRequest extends Omit<PlanOptions, 'baseDomain' | 'keyCapacity'> {
  readonly document: unknown
  /** That of the plan that somebody has looked at; null to apply whatever it is. */
  readonly fingerprint: string | null
  /** Note of the deployments. */
  readonly note: string
}

/** How the deployment of a stage has ended. */
export interface StageDeployment {
  readonly service: string
  readonly stage: string
  /** Null where there is none. */
  readonly number: number | null
  /** Null where it is complete. */
  readonly failure: string | null
}

/** What has been done. */
export interface AppliedSetup {
  readonly changes: PlannedChange[]
  readonly deployments: StageDeployment[]
}

/** What applying takes beside the store. */
export interface ApplyParts {
  readonly runner: UnitRunner
  readonly deployer: Deployer
  readonly publisher: Publisher
  readonly liveCertificates: Pick<LiveCertificates, 'refresh'>
  readonly liveKeys: Pick<LiveKeys, 'capacity' | 'refreshKeys' | 'refreshPlans'>
}

/**
 * Applies a document in one transaction: all of it or nothing. Then has the gateway know the plans, keys and certificates, takes the stages
 * that are gone off it, and deploys those that are to be deployed, each for itself. Throws `Conflict` if it is no longer what
 * was planned.
 */
export async function applySetup(
  { runner, deployer, publisher, liveKeys, liveCertificates }: ApplyParts,
  actor: string,
  { document, fingerprint, prune, deploy, note }: ApplyRequest,
): Promise<AppliedSetup> {
  const { baseDomain } = deployer
  const options: PlanOptions = { prune, deploy, baseDomain, keyCapacity: liveKeys.capacity }
  const { plan, touched, withdrawn } = await runner.inTransaction(actor, (unit) =>
    carryOut(unit, document, options, fingerprint),
  )
  await liveKeys.refreshPlans(touched.plans)
  await liveKeys.refreshKeys(touched.keys)
  // A plan is taken out when no key has it any more.
  await liveKeys.refreshPlans(touched.gonePlans)
  for (const id of touched.certificates) await liveCertificates.refresh(id)
  for (const stageId of withdrawn) await publisher.withdraw(stageId)
  return { changes: plan.changes, deployments: await deployAll(deployer, actor, plan.deployments, note) }
}

/** Writes a setup, inside the caller's transaction. Returns the stages that are gone, too. */
async function carryOut(
  unit: Unit,
  document: unknown,
  options: PlanOptions,
  fingerprint: string | null,
): Promise<{ plan: SetupPlan; touched: Touched; withdrawn: readonly string[] }> {
  const { plan, parts } = await prepare(unit, document, options)
  if (fingerprint !== null && fingerprint !== plan.fingerprint)
    throw new Conflict(
      'It is no longer what was planned: somebody has changed the setup, or the document is another one. Plan again, and look at what would be done.',
    )
  for (const part of parts) await part.write(unit)
  const withdrawn: string[] = []
  for (const part of parts.toReversed()) withdrawn.push(...(await part.remove(unit)))
  const touched: Touched = {
    plans: parts.flatMap((part) => part.touched?.plans ?? []),
    gonePlans: parts.flatMap((part) => part.touched?.gonePlans ?? []),
    keys: parts.flatMap((part) => part.touched?.keys ?? []),
    certificates: parts.flatMap((part) => part.touched?.certificates ?? []),
  }
  return { plan, touched, withdrawn }
}

/** Deploys stages. Those in whose way another one stands, by what is live of it, come again once that one may be deployed. */
async function deployAll(
  deployer: Deployer,
  actor: string,
  stages: readonly NamedStage[],
  note: string,
): Promise<StageDeployment[]> {
  const ended = new Map<NamedStage, Attempt>()
  let left = stages
  for (let before = Number.POSITIVE_INFINITY; left.length > 0 && left.length < before; ) {
    before = left.length
    for (const stage of left) ended.set(stage, await deployOne(deployer, actor, stage, note))
    left = left.filter((stage) => ended.get(stage)?.isBlocked)
  }
  return stages.flatMap((stage) => ended.get(stage)?.deployment ?? [])
}

interface Attempt {
  readonly deployment: StageDeployment
  /** Whether it can be tried again when others are deployed. */
  readonly isBlocked: boolean
}

async function deployOne(
  deployer: Deployer,
  actor: string,
  { serviceId, stageId, service, stage }: NamedStage,
  note: string,
): Promise<Attempt> {
  try {
    const { deployment } = await deployer.deploy(actor, serviceId, stageId, { note, apply: true })
    return { deployment: { service, stage, number: deployment.number, failure: null }, isBlocked: false }
  } catch (error) {
    // The other stages are deployed all the same; who has applied the setup is told of each.
    const failure = error instanceof Error ? error.message : String(error)
    return { deployment: { service, stage, number: null, failure }, isBlocked: error instanceof Conflict }
  }
}
