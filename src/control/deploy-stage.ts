import type { Activation, Deployment, DeploymentSettings } from '../model/deployment.ts'
import { Conflict, Unavailable } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { compile } from '../snapshot/compile.ts'
import { type FrozenSnapshot, freeze } from '../snapshot/hash.ts'
import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree } from './addresses.ts'
import { applyTo } from './apply-draft.ts'
import { pruneDeployments } from './delete-deployment.ts'
import { findService, findStage } from './find.ts'
import type { Publisher } from './publisher.ts'
import { designOf } from './read-changes.ts'
import { findDeployment, readSnapshotOf } from './read-deployments.ts'
import { assertDeployable } from './read-lint.ts'

/** A deployment that is recorded but not live yet. */
export interface PreparedDeployment {
  readonly deployment: Deployment
  readonly snapshot: FrozenSnapshot
}

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

  constructor(store: Store, publisher: Publisher, baseDomain: string) {
    this.store = store
    this.publisher = publisher
    this.baseDomain = baseDomain
  }

  /**
   * Compiles a stage as it is and makes the result its live deployment. `apply` applies the draft first, which a stage that
   * has no revision yet does anyway. Throws `Invalid` with all problems, or `Unavailable`.
   */
  deploy(
    actor: string,
    serviceIdOrName: string,
    stageIdOrName: string,
    { note, apply }: { note: string; apply: boolean },
  ): Promise<Deployment> {
    return this.run(actor, async (unit) => {
      const service = await findService(unit, serviceIdOrName)
      const stage = await findStage(unit, service, stageIdOrName)
      return this.prepare(unit, service, apply ? (await applyTo(unit, service, stage)).stage : stage, note)
    })
  }

  /** Makes a deployment of the past live again, at once. The stage's settings stay as they are. */
  rollBack(actor: string, serviceIdOrName: string, stageIdOrName: string, number: number): Promise<Deployment> {
    return this.inTurn(async () => {
      const { deployment, snapshot } = await this.store.inTransaction(actor, async (unit) => {
        const found = await findDeployment(unit, serviceIdOrName, stageIdOrName, number)
        if (found.status !== 'complete')
          throw new Conflict(`Deployment ${number} is ${found.status}: only one that was live can be live again.`)
        await this.assertMayReturn(unit, serviceIdOrName, stageIdOrName, found)
        return { deployment: found, snapshot: { hash: found.hash, json: await readSnapshotOf(unit, found) } }
      })
      try {
        await this.publisher.publish(snapshot)
      } catch (error) {
        throw new Unavailable(
          `Deployment ${number} could not be made live (${messageOf(error)}); what ran before goes on.`,
        )
      }
      await this.store.inTransaction(actor, async (unit) => {
        const before = await unit.stages.find(deployment.stageId)
        if (before === null) return this.publisher.withdraw(deployment.stageId)
        const after = { ...before, deploymentId: deployment.id }
        await unit.stages.update(after)
        await unit.deployments.setActivation(deployment.id, this.activation('active'))
        await unit.audit.record({ action: 'roll-back', kind: 'stage', id: before.id, before, after })
      })
      return deployment
    })
  }

  /** Throws `Conflict` if what a deployment was reached by belongs to another stage by now. */
  private async assertMayReturn(
    unit: Unit,
    serviceIdOrName: string,
    stageIdOrName: string,
    { id }: Deployment,
  ): Promise<void> {
    const service = await findService(unit, serviceIdOrName)
    const stage = await findStage(unit, service, stageIdOrName)
    const then = { ...stage, ...(await unit.deployments.settings(id)) }
    await assertAddressesFree(unit, service.name, [then])
    this.assertNotLiveElsewhere(then)
  }

  /** Throws `Conflict` if another stage, by what is live of it, still answers where this one is to. */
  private assertNotLiveElsewhere({ id, domains, pathPrefix }: Pick<Stage, 'id' | 'domains' | 'pathPrefix'>): void {
    for (const live of this.publisher.status().snapshots) {
      if (live.stageId === id) continue
      const domain = domains.find((one) => live.hosts.includes(one))
      const way = domain ?? (pathPrefix !== null && live.prefix === pathPrefix ? pathPrefix : undefined)
      if (way !== undefined)
        throw new Conflict(
          `"${way}" still leads to "${live.service}/${live.stage}": deploy that stage first, without it.`,
        )
    }
  }

  private activation(state: Activation['state'], failure: string | null = null): Activation {
    const { id: nodeId, name: nodeName } = this.publisher.node
    return { nodeId, nodeName, state, failure, at: new Date().toISOString() }
  }

  /** Runs `prepare` in a transaction and makes what it has prepared live. */
  run(actor: string, prepare: (unit: Unit) => Promise<PreparedDeployment>): Promise<Deployment> {
    return this.inTurn(async () => {
      const { deployment, snapshot } = await this.store.inTransaction(actor, prepare)
      return this.publish(actor, deployment, snapshot)
    })
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work)
    // The next waits for this one whatever becomes of it; the caller is told.
    this.turn = done.catch(() => undefined)
    return done
  }

  /** Compiles and records a deployment, inside the caller's transaction. */
  async prepare(unit: Unit, service: Service, given: Stage, note: string): Promise<PreparedDeployment> {
    const stage = given.revisionId === null ? (await applyTo(unit, service, given)).stage : given
    const [design, last] = [await designOf(unit, stage), await unit.deployments.lastNumber(stage.id)]
    assertDeployable(service, stage, design)
    const snapshot = freeze(compile({ service, stage, design, baseDomain: this.baseDomain }))
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
    this.assertNotLiveElsewhere(stage)
    await unit.deployments.insert(deployment, snapshot, settingsOf(stage))
    await unit.deployments.setActivation(deployment.id, this.activation('pending'))
    await unit.audit.record({ action: 'deploy', kind: 'stage', id: stage.id, before: null, after: deployment })
    return { deployment, snapshot }
  }

  private async publish(actor: string, deployment: Deployment, snapshot: FrozenSnapshot): Promise<Deployment> {
    try {
      await this.publisher.publish(snapshot)
    } catch (error) {
      const failure = messageOf(error)
      await this.store.inTransaction(actor, async (unit) => {
        await unit.deployments.update({
          ...deployment,
          status: 'failed',
          failure: `${this.publisher.node.name}: ${failure}`,
        })
        await unit.deployments.setActivation(deployment.id, this.activation('failed', failure))
      })
      throw new Unavailable(
        `Deployment ${deployment.number} failed on node ${this.publisher.node.name} (${failure}); what ran before goes on.`,
      )
    }
    const complete: Deployment = { ...deployment, status: 'complete' }
    await this.store.inTransaction(actor, async (unit) => {
      await unit.deployments.update(complete)
      await unit.deployments.setActivation(deployment.id, this.activation('active'))
      const before = await unit.stages.find(deployment.stageId)
      if (before === null) return this.publisher.withdraw(deployment.stageId)
      const stage = { ...before, deploymentId: deployment.id, baseDeploymentId: deployment.id }
      await unit.stages.update(stage)
      await pruneDeployments(unit, stage)
    })
    return complete
  }
}

/** What of a stage is part of its deployments. */
function settingsOf(stage: Stage): DeploymentSettings {
  const { domains, pathPrefix, trailingSlash, backend, variables, plugins, overlay } = stage
  return { domains, pathPrefix, trailingSlash, backend, variables, plugins, overlay }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
