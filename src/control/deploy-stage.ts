import type { Activation, Deployment, DeploymentSettings } from '../model/deployment.ts'
import { Conflict, Unavailable } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { compile } from '../snapshot/compile.ts'
import { type FrozenSnapshot, freeze } from '../snapshot/hash.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree, assertNotLiveElsewhere } from './addresses.ts'
import { applyTo } from './apply-draft.ts'
import { pruneDeployments } from './delete-deployment.ts'
import { findService, findStage } from './find.ts'
import { assertNoCanary } from './find-canary.ts'
import type { Publisher } from './publisher.ts'
import { designOf } from './read-changes.ts'
import { findDeployment, readSnapshotOf } from './read-deployments.ts'
import { assertDeployable } from './read-lint.ts'
import { policiesOf } from './stage-policies.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** A deployment that is recorded but not live yet. */
export interface PreparedDeployment {
  readonly deployment: Deployment
  readonly snapshot: FrozenSnapshot
}

/** What is live now, and the version that its stage is at. */
export interface LiveDeployment {
  readonly deployment: Deployment
  readonly version: number
}

/** How long to wait before what could not be recorded is tried again. */
const RECORD_AGAIN_MS = 2_000

/**
 * Deploys stages: checked and frozen in one transaction, then handed to the gateway, then recorded as complete or failed.
 * If the gateway refuses it, what ran before goes on.
 */
export class Deployer {
  private readonly store: Store
  private readonly publisher: Publisher
  readonly baseDomain: string
  /** Deployments go live in the order of their numbers. */
  private turn: Promise<unknown> = Promise.resolve()
  /** What has become of deployments while the store could not be used, the oldest first. */
  private readonly unrecorded: (() => Promise<unknown>)[] = []

  constructor(store: Store, publisher: Publisher, baseDomain: string) {
    this.store = store
    this.publisher = publisher
    this.baseDomain = baseDomain
  }

  /**
   * Compiles a stage as it is and makes the result its live deployment. `apply` applies the draft first, which a stage that
   * has no revision yet does anyway. Throws `Invalid` with all problems, `LostUpdate`, or `Unavailable`.
   */
  deploy(
    actor: string,
    serviceIdOrName: string,
    stageIdOrName: string,
    { note, apply, expected = null }: { note: string; apply: boolean; expected?: ExpectedVersion },
  ): Promise<LiveDeployment> {
    return this.run(actor, async (unit) => {
      const service = await findService(unit, serviceIdOrName)
      const stage = await findStage(unit, service, stageIdOrName)
      assertVersion(stage, expected)
      return this.prepare(unit, service, apply ? (await applyTo(unit, service, stage)).stage : stage, note)
    })
  }

  /** Makes a deployment of the past live again, at once. The stage's settings stay as they are. */
  rollBack(
    actor: string,
    serviceIdOrName: string,
    stageIdOrName: string,
    number: number,
    expected: ExpectedVersion = null,
  ): Promise<LiveDeployment> {
    return this.inTurn(async () => {
      const { deployment, snapshot } = await this.store.inTransaction(actor, async (unit) => {
        const stage = await findStage(unit, await findService(unit, serviceIdOrName), stageIdOrName)
        assertVersion(stage, expected)
        await assertNoCanary(unit, stage)
        const found = await findDeployment(unit, serviceIdOrName, stageIdOrName, number)
        if (found.status !== 'complete')
          throw new Conflict(`Deployment ${number} is ${found.status}: only one that was live can be live again.`)
        const json = await readSnapshotOf(unit, found)
        assertNotLiveElsewhere(this.publisher, (JSON.parse(json) as Snapshot).stage)
        await assertMayReturn(unit, serviceIdOrName, stageIdOrName, found)
        return { deployment: found, snapshot: { hash: found.hash, json } }
      })
      try {
        await this.publisher.publish(snapshot)
      } catch (error) {
        throw new Unavailable(
          `Deployment ${number} could not be made live (${messageOf(error)}); what ran before goes on.`,
        )
      }
      return this.recordLive(actor, deployment, async (unit, before) => {
        const after = { ...before, deploymentId: deployment.id, version: before.version + 1 }
        await unit.stages.update(after)
        await unit.deployments.setActivation(deployment.id, this.activation('active'))
        await unit.audit.record({
          action: 'roll-back',
          kind: 'stage',
          serviceId: before.serviceId,
          id: before.id,
          before,
          after,
        })
        return after
      })
    })
  }

  /** How a deployment stands on this node, from now on. */
  activation(state: Activation['state'], failure: string | null = null): Activation {
    const { id: nodeId, name: nodeName } = this.publisher.node
    return { nodeId, nodeName, state, failure, at: new Date().toISOString() }
  }

  /** Runs `prepare` in a transaction, so perhaps again, and makes what it has prepared live. */
  run(actor: string, prepare: (unit: Unit) => Promise<PreparedDeployment>): Promise<LiveDeployment> {
    return this.inTurn(async () => {
      const { deployment, snapshot } = await this.store.inTransaction(actor, prepare)
      return this.publish(actor, deployment, snapshot)
    })
  }

  /** Runs what changes what is live, when all before it is through and recorded. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(() => this.recordRest()).then(work)
    // The next waits for this one whatever becomes of it; the caller is told.
    this.turn = done.catch(() => undefined)
    return done
  }

  /** Compiles and records a deployment, inside the caller's transaction. */
  async prepare(unit: Unit, service: Service, given: Stage, note: string): Promise<PreparedDeployment> {
    await assertNoCanary(unit, given)
    const stage = given.revisionId === null ? (await applyTo(unit, service, given)).stage : given
    const [design, last] = [await designOf(unit, stage), await unit.deployments.lastNumber(stage.id)]
    assertDeployable(service, stage, design, await unit.policies.keysOf(service.id))
    const policies = await policiesOf(unit, service, stage, design)
    const compiled = compile({ service, stage, design, policies, baseDomain: this.baseDomain })
    assertNotLiveElsewhere(this.publisher, compiled.stage)
    const snapshot = freeze(compiled)
    const deployment: Deployment = {
      id: newId(),
      stageId: stage.id,
      number: last + 1,
      hash: snapshot.hash,
      note,
      author: unit.actor,
      status: 'deploying',
      failure: null,
      revisionId: stage.revisionId,
      createdAt: new Date().toISOString(),
    }
    await unit.deployments.insert(deployment, snapshot, settingsOf(stage))
    await unit.deployments.setActivation(deployment.id, this.activation('pending'))
    await unit.audit.record({
      action: 'deploy',
      kind: 'stage',
      serviceId: stage.serviceId,
      id: stage.id,
      before: null,
      after: deployment,
    })
    return { deployment, snapshot }
  }

  private async publish(actor: string, deployment: Deployment, snapshot: FrozenSnapshot): Promise<LiveDeployment> {
    await this.hand(actor, deployment, true, () => this.publisher.publish(snapshot))
    const complete: Deployment = { ...deployment, status: 'complete' }
    return this.recordLive(actor, complete, async (unit, before) => {
      await unit.deployments.update(complete)
      await unit.deployments.setActivation(deployment.id, this.activation('active'))
      const { id } = deployment
      const stage = { ...before, deploymentId: id, baseDeploymentId: id, version: before.version + 1 }
      await unit.stages.update(stage)
      await pruneDeployments(unit, stage)
      return stage
    })
  }

  /** Hands a deployment to the gateway. Where that refuses it, a new one is recorded as failed, and `Unavailable` is thrown. */
  async hand(actor: string, deployment: Deployment, isNew: boolean, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const failure = messageOf(error)
      const { name } = this.publisher.node
      if (isNew)
        await this.record(`Deployment ${deployment.number} failed on node ${name} (${failure})`, () =>
          this.store.inTransaction(actor, async (unit) => {
            await unit.deployments.update({ ...deployment, status: 'failed', failure: `${name}: ${failure}` })
            await unit.deployments.setActivation(deployment.id, this.activation('failed', failure))
          }),
        )
      throw new Unavailable(
        `Deployment ${deployment.number} failed on node ${name} (${failure}); what ran before goes on.`,
      )
    }
  }

  /** Records on its stage that a deployment is live. Where the stage was deleted meanwhile, it is taken off the gateway. */
  async recordLive(
    actor: string,
    deployment: Deployment,
    change: (unit: Unit, stage: Stage) => Promise<Stage>,
  ): Promise<LiveDeployment> {
    const { stageId, number } = deployment
    const after = await this.record(`Deployment ${number} is live`, async () => {
      const stage = await this.store.inTransaction(actor, async (unit) => {
        const before = await unit.stages.find(stageId)
        return before === null ? null : change(unit, before)
      })
      if (stage === null) await this.publisher.withdraw(stageId)
      return stage
    })
    if (after === null) throw new Conflict(`The stage was deleted while deployment ${number} was made live.`)
    return { deployment, version: after.version }
  }

  /** Records what has happened; where the store cannot be used, as soon as it can. Throws `Unavailable` then. */
  async record<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.unrecorded.push(work)
      this.recordLater()
      throw new Unavailable(
        `${what}, but that could not be recorded yet: it will be as soon as it can. ${error.message}`,
      )
    }
  }

  /** Records what is left, before anything else is deployed. Throws `Unavailable` where the store still cannot be used. */
  private async recordRest(): Promise<void> {
    for (let next = this.unrecorded[0]; next !== undefined; next = this.unrecorded[0]) {
      try {
        await next()
      } catch (error) {
        if (error instanceof Unavailable) throw error
        // It can never be recorded: told once, it does not stand in the way of all others.
        this.unrecorded.shift()
        throw error
      }
      this.unrecorded.shift()
    }
  }

  private recordLater(): void {
    const again = async () => {
      const isDone = await this.inTurn(async () => true).catch(() => false)
      if (!isDone) this.recordLater()
    }
    setTimeout(again, RECORD_AGAIN_MS).unref()
  }
}

/** Throws `Conflict` if what a deployment was reached by belongs to another stage by now. */
async function assertMayReturn(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  { id }: Deployment,
): Promise<void> {
  const service = await findService(unit, serviceIdOrName)
  const stage = await findStage(unit, service, stageIdOrName)
  await assertAddressesFree(unit, service.name, [{ ...stage, ...(await unit.deployments.settings(id)) }])
}

/** What of a stage is part of its deployments. */
function settingsOf(stage: Stage): DeploymentSettings {
  const { domains, pathPrefix, trailingSlash, https, hsts, backend, variables, plugins, overlay } = stage
  return { domains, pathPrefix, trailingSlash, https, hsts, backend, variables, plugins, overlay }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
