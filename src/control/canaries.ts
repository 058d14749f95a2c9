import { type Canary, termsOf } from '../model/canary.ts'
import type { Deployment } from '../model/deployment.ts'
import { Conflict, Unavailable } from '../model/errors.ts'
import type { Stage } from '../model/stage.ts'
import type { FrozenSnapshot } from '../snapshot/hash.ts'
import type { Unit } from '../store/unit.ts'
import { applyTo } from './apply-draft.ts'
import type { UnitRunner } from './context.ts'
import { type Deployer, type LiveDeployment, messageOf } from './deploy-stage.ts'
import { findService, findStage } from './find.ts'
import { assertNoCanary, findCanary } from './find-canary.ts'
import type { Publisher } from './publisher.ts'
import { findDeployment, readSnapshotOf } from './read-deployments.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** A stage of a command or a URL, as its caller saw it last. */
export interface StageRef {
  readonly actor: string
  readonly service: string
  readonly stage: string
  readonly expected: ExpectedVersion
}

/** How a canary is to start: with a deployment of the past, or with the stage as it is. */
export interface CanaryStart extends Pick<Canary, 'share' | 'by' | 'name'> {
  readonly deployment: number | null
  readonly note: string
  readonly apply: boolean
}

/** A canary, and the version that its stage is at. */
export interface RunningCanary {
  readonly canary: Canary
  readonly version: number
}

/**
 * Canaries of stages: a deployment serves a share of the callers beside the one that is live, until it is promoted or
 * aborted. While one runs the stage cannot be deployed or rolled back.
 */
export class Canaries {
  private readonly store: UnitRunner
  private readonly publisher: Publisher
  private readonly deployer: Deployer

  constructor(store: UnitRunner, publisher: Publisher, deployer: Deployer) {
    this.store = store
    this.publisher = publisher
    this.deployer = deployer
  }

  /** Starts one. Throws `Conflict` if one runs, or the stage is not live. */
  start(ref: StageRef, given: CanaryStart): Promise<RunningCanary> {
    return this.deployer.inTurn(async () => {
      const { deployment, snapshot, isNew, liveId } = await this.store.inTransaction(ref.actor, (unit) =>
        this.prepare(unit, ref, given),
      )
      const { share, by, name } = given
      const startedAt = new Date().toISOString()
      const { id: deploymentId, number } = deployment
      const canary: Canary = { deployment: number, deploymentId, share, by, name, startedAt }
      await this.deployer.hand(ref.actor, deployment, isNew, () =>
        this.publisher.publishCanary(snapshot, termsOf(canary, liveId)),
      )
      return this.change(
        ref.actor,
        `The canary with deployment ${number} runs`,
        deployment.stageId,
        async (unit, stage) => {
          if (isNew) await unit.deployments.update({ ...deployment, status: 'complete' })
          await unit.deployments.setActivation(deploymentId, this.deployer.activation('active'))
          await unit.canaries.insert(stage.id, canary)
          await unit.audit.record({
            action: 'start-canary',
            kind: 'stage',
            serviceId: stage.serviceId,
            id: stage.id,
            before: null,
            after: canary,
          })
          return canary
        },
      )
    })
  }

  /** Changes its share: a larger one moves callers to it and nobody back. */
  update(ref: StageRef, share: number): Promise<RunningCanary> {
    return this.deployer.inTurn(async () => {
      const { stage, canary, snapshot } = await this.running(ref)
      const after = { ...canary, share }
      await this.tell(
        () => this.publisher.publishCanary(snapshot, termsOf(after, stage.deploymentId ?? '')),
        'The share could not be changed',
      )
      return this.change(ref.actor, `The canary has a share of ${share} %`, stage.id, async (unit) => {
        await unit.canaries.setShare(stage.id, share)
        await unit.audit.record({
          action: 'update-canary',
          kind: 'stage',
          serviceId: stage.serviceId,
          id: stage.id,
          before: canary,
          after,
        })
        return after
      })
    })
  }

  /** Makes its deployment the live one, for all. */
  promote(ref: StageRef): Promise<LiveDeployment> {
    return this.deployer.inTurn(async () => {
      const { stage, canary, snapshot, deployment } = await this.running(ref)
      await this.tell(() => this.publisher.publish(snapshot), 'The canary could not be promoted')
      return this.deployer.recordLive(ref.actor, deployment, async (unit, before) => {
        const { id } = deployment
        const after = { ...before, deploymentId: id, baseDeploymentId: id, version: before.version + 1 }
        await unit.canaries.delete(stage.id)
        await unit.stages.update(after)
        await unit.audit.record({
          action: 'promote-canary',
          kind: 'stage',
          serviceId: stage.serviceId,
          id: stage.id,
          before: canary,
          after,
        })
        return after
      })
    })
  }

  /** Ends it: all callers are served by what is live. Its deployment stays in the history. */
  async abort(ref: StageRef): Promise<RunningCanary> {
    return this.deployer.inTurn(async () => {
      const { stage, canary } = await this.running(ref)
      await this.tell(() => this.publisher.withdrawCanary(stage.id), 'The canary could not be ended')
      return this.change(ref.actor, 'The canary has ended', stage.id, async (unit) => {
        await unit.canaries.delete(stage.id)
        await unit.audit.record({
          action: 'abort-canary',
          kind: 'stage',
          serviceId: stage.serviceId,
          id: stage.id,
          before: canary,
          after: null,
        })
        return canary
      })
    })
  }

  private async prepare(
    unit: Unit,
    ref: StageRef,
    { deployment: number, note, apply }: CanaryStart,
  ): Promise<{ deployment: Deployment; snapshot: FrozenSnapshot; isNew: boolean; liveId: string }> {
    const service = await findService(unit, ref.service)
    const stage = await findStage(unit, service, ref.stage)
    assertVersion(stage, ref.expected)
    await assertNoCanary(unit, stage)
    if (stage.deploymentId === null)
      throw new Conflict(
        `"${service.name}/${stage.name}" is not live: deploy it first, a canary shares with what is live.`,
      )
    if (number === null) {
      const applied = apply ? (await applyTo(unit, service, stage)).stage : stage
      return { ...(await this.deployer.prepare(unit, service, applied, note)), isNew: true, liveId: stage.deploymentId }
    }
    const found = await findDeployment(unit, ref.service, ref.stage, number)
    if (found.status !== 'complete')
      throw new Conflict(`Deployment ${number} is ${found.status}: only one that is complete can be a canary.`)
    if (found.id === stage.deploymentId)
      throw new Conflict(`Deployment ${number} is live: choose another one for the canary.`)
    return {
      deployment: found,
      snapshot: { hash: found.hash, json: await readSnapshotOf(unit, found) },
      isNew: false,
      liveId: stage.deploymentId,
    }
  }

  /** The canary that runs. Throws `NotFound` if there is none. */
  private running(ref: StageRef) {
    return this.store.inTransaction(ref.actor, async (unit) => {
      const stage = await findStage(unit, await findService(unit, ref.service), ref.stage)
      assertVersion(stage, ref.expected)
      const canary = await findCanary(unit, ref.service, stage)
      const deployment = await findDeployment(unit, ref.service, ref.stage, canary.deployment)
      return {
        stage,
        canary,
        deployment,
        snapshot: { hash: deployment.hash, json: await readSnapshotOf(unit, deployment) },
      }
    })
  }

  private async tell(work: () => Promise<void>, what: string): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw new Unavailable(`${what} (${messageOf(error)}); all is as it was.`)
    }
  }

  /** Records a change of the canary, and that its stage has another version by it. */
  private async change(
    actor: string,
    what: string,
    stageId: string,
    work: (unit: Unit, stage: Stage) => Promise<Canary>,
  ): Promise<RunningCanary> {
    return this.deployer.record(what, () =>
      this.store.inTransaction(actor, async (unit) => {
        const stage = await unit.stages.find(stageId)
        if (stage === null) throw new Conflict('The stage was deleted meanwhile.')
        const canary = await work(unit, stage)
        const version = stage.version + 1
        await unit.stages.update({ ...stage, version })
        return { canary, version }
      }),
    )
  }
}
