import type { Deployment } from '../model/deployment.ts'
import { Unavailable } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { compile } from '../snapshot/compile.ts'
import { type FrozenSnapshot, freeze } from '../snapshot/hash.ts'
import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'
import { findService, findStage } from './find.ts'
import type { Publisher } from './publisher.ts'

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

  /** Compiles a stage as it is and makes the result its live deployment. Throws `Invalid` with all problems, or `Unavailable`. */
  deploy(actor: string, serviceIdOrName: string, stageIdOrName: string, note: string): Promise<Deployment> {
    return this.run(actor, async (unit) => {
      const service = await findService(unit, serviceIdOrName)
      const stage = await findStage(unit, service, stageIdOrName)
      return this.prepare(unit, service, stage, note)
    })
  }

  /** Runs `prepare` in a transaction and makes what it has prepared live. */
  run(actor: string, prepare: (unit: Unit) => Promise<PreparedDeployment>): Promise<Deployment> {
    const done = this.turn.then(async () => {
      const { deployment, snapshot } = await this.store.inTransaction(actor, prepare)
      return this.publish(actor, deployment, snapshot)
    })
    // The next waits for this one whatever becomes of it; the caller is told.
    this.turn = done.catch(() => undefined)
    return done
  }

  /** Compiles and records a deployment, inside the caller's transaction. */
  async prepare(unit: Unit, service: Service, stage: Stage, note: string): Promise<PreparedDeployment> {
    const [resources, methods, last] = [
      await unit.resources.ofService(service.id),
      await unit.methods.ofService(service.id),
      await unit.deployments.lastNumber(stage.id),
    ]
    const snapshot = freeze(compile({ service, stage, design: { resources, methods }, baseDomain: this.baseDomain }))
    const deployment: Deployment = {
      id: newId(),
      stageId: stage.id,
      number: last + 1,
      hash: snapshot.hash,
      note,
      author: unit.actor,
      status: 'deploying',
      failure: null,
      createdAt: new Date().toISOString(),
    }
    await unit.deployments.insert(deployment, snapshot)
    await unit.audit.record({ action: 'deploy', kind: 'stage', id: stage.id, before: null, after: deployment })
    return { deployment, snapshot }
  }

  private async publish(actor: string, deployment: Deployment, snapshot: FrozenSnapshot): Promise<Deployment> {
    try {
      await this.publisher.publish(snapshot)
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error)
      await this.store.inTransaction(actor, (unit) =>
        unit.deployments.update({ ...deployment, status: 'failed', failure }),
      )
      throw new Unavailable(`Deployment ${deployment.number} failed (${failure}); what ran before goes on.`)
    }
    const complete: Deployment = { ...deployment, status: 'complete' }
    await this.store.inTransaction(actor, async (unit) => {
      await unit.deployments.update(complete)
      const stage = await unit.stages.find(deployment.stageId)
      if (stage !== null) await unit.stages.update({ ...stage, deploymentId: deployment.id })
      else await this.publisher.withdraw(deployment.stageId)
    })
    return complete
  }
}
