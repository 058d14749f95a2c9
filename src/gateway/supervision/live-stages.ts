import type { BackendState } from '../../model/backend-state.ts'
import type { CanaryTerms, SideComparison } from '../../model/canary.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { assertAllowed, type BackendStates } from '../backend/backend-states.ts'
import type { BackendPermissions } from '../backend/dial.ts'
import { addSides, noSides } from '../canary.ts'
import type { KeyRegistry } from '../keys/key-registry.ts'
import type { FrozenSnapshot, PublishedCanary, PublishedSnapshot } from '../protocol.ts'
import type { Turns } from './turns.ts'
import type { WorkerThreads } from './worker-threads.ts'

/** A snapshot that is live, and what is in it. */
interface LiveSnapshot extends FrozenSnapshot {
  readonly snapshot: Snapshot
}

/** A canary that runs, and what both sides have done. */
interface LiveCanary {
  readonly live: LiveSnapshot
  readonly terms: CanaryTerms
  readonly sides: SideComparison
}

export interface LiveStagesParts {
  readonly threads: Pick<WorkerThreads, 'tellAll'>
  readonly turns: Turns
  readonly keys: Pick<KeyRegistry, 'stageNumber'>
  readonly targets: BackendStates
  readonly permissions: BackendPermissions
}

/** What is live on all workers, by stage, and the canaries beside it: snapshots go out from here, and are taken back. */
export class LiveStages {
  /** How deployments have ended. */
  readonly deployments = { complete: 0, failed: 0 }
  private readonly parts: LiveStagesParts
  /** A worker that starts later begins with these. */
  private readonly live = new Map<string, LiveSnapshot>()
  private readonly canaries = new Map<string, LiveCanary>()
  /** Goes up whenever what is live changes. */
  private changes = 0

  constructor(parts: LiveStagesParts) {
    this.parts = parts
  }

  /** Takes in what is live before any worker has started. */
  begin(
    snapshots: readonly FrozenSnapshot[],
    canaries: readonly { readonly snapshot: FrozenSnapshot; readonly terms: CanaryTerms }[],
  ): void {
    for (const frozen of snapshots) this.remember(parsed(frozen))
    for (const { snapshot, terms } of canaries) {
      const live = parsed(snapshot)
      this.canaries.set(live.snapshot.stage.id, { live, terms, sides: noSides })
    }
  }

  /** All of it, for a worker that starts. */
  atStart(): { readonly snapshots: readonly PublishedSnapshot[]; readonly canaries: readonly PublishedCanary[] } {
    return {
      snapshots: [...this.live.values()].map((live) => this.published(live)),
      canaries: [...this.canaries.values()].map((canary) => this.publishedCanary(canary)),
    }
  }

  /**
   * Makes a snapshot live on every worker. If any of them refuses it, what ran before is put back on all and the
   * promise rejects with the reason. The canary of the stage, if there is one, ends with it.
   */
  publish(frozen: FrozenSnapshot): Promise<void> {
    const { threads, turns, permissions } = this.parts
    return turns.take(async () => {
      const after = parsed(frozen)
      const { stage, backends } = after.snapshot
      assertAllowed(backends, permissions)
      const snapshot = this.published(after)
      const before = this.live.get(stage.id)
      this.remember(after)
      const failures = await threads.tellAll((ticket) => ({ type: 'publish', ticket, snapshot }))
      this.deployments[failures.length === 0 ? 'complete' : 'failed']++
      if (failures.length === 0) {
        this.canaries.delete(stage.id)
        return this.forgetTargets()
      }
      await this.putBack(stage.id, before)
      throw new Error(failures.join('; '))
    })
  }

  /** Takes a stage off all workers. */
  withdraw(stageId: string): Promise<void> {
    const { threads, turns } = this.parts
    return turns.take(async () => {
      this.canaries.delete(stageId)
      if (!this.forget(stageId)) return
      const failures = await threads.tellAll((ticket) => ({ type: 'withdraw', ticket, stageId }))
      this.forgetTargets()
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  /** Starts a canary on every worker, or changes the share of the one that runs. If any of them refuses, it is as before. */
  publishCanary(frozen: FrozenSnapshot, terms: CanaryTerms): Promise<void> {
    const { turns, permissions } = this.parts
    return turns.take(async () => {
      const live = parsed(frozen)
      const { stage, backends } = live.snapshot
      assertAllowed(backends, permissions)
      const before = this.canaries.get(stage.id)
      const sides = before?.live.hash === frozen.hash ? before.sides : noSides
      this.canaries.set(stage.id, { live, terms, sides })
      const failures = await this.tellCanary(stage.id)
      if (failures.length === 0) return
      if (before === undefined) this.canaries.delete(stage.id)
      else this.canaries.set(stage.id, before)
      await this.tellCanary(stage.id)
      this.forgetTargets()
      throw new Error(failures.join('; '))
    })
  }

  /** Ends the canary of a stage: all of its callers are served by what is live. */
  withdrawCanary(stageId: string): Promise<void> {
    return this.parts.turns.take(async () => {
      if (!this.canaries.delete(stageId)) return
      const failures = await this.tellCanary(stageId)
      this.forgetTargets()
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  /** What both sides of a stage have done since its canary started, or this process did; null if none runs. */
  sides(stageId: string): SideComparison | null {
    return this.canaries.get(stageId)?.sides ?? null
  }

  /** Adds what a worker has counted of both sides. */
  addSides(stageId: string, counts: SideComparison): void {
    const canary = this.canaries.get(stageId)
    if (canary !== undefined) this.canaries.set(stageId, { ...canary, sides: addSides(canary.sides, counts) })
  }

  /** The canary of a stage, as it is told; null if none runs. */
  canaryOf(stageId: string) {
    const canary = this.canaries.get(stageId)
    return canary === undefined ? null : { hash: canary.live.hash, share: canary.terms.share, sides: canary.sides }
  }

  /** The targets of a live stage, backend by backend, and how they are; none if the stage is not live. */
  backends(stageId: string): BackendState[] {
    return this.parts.targets.of(this.live.get(stageId)?.snapshot.backends ?? {})
  }

  /** Another number whenever something else is live. */
  get version(): number {
    return this.changes
  }

  get all(): readonly LiveSnapshot[] {
    return [...this.live.values()]
  }

  /** Brings the stage on all workers back to what ran before, with its canary. */
  private async putBack(stageId: string, before: LiveSnapshot | undefined): Promise<void> {
    if (before === undefined) this.forget(stageId)
    else this.remember(before)
    await this.parts.threads.tellAll((ticket) =>
      before === undefined
        ? { type: 'withdraw', ticket, stageId }
        : { type: 'publish', ticket, snapshot: this.published(before) },
    )
    await this.tellCanary(stageId)
    this.forgetTargets()
  }

  /** Brings the canary of a stage to all workers as it is to be. */
  private tellCanary(stageId: string): Promise<string[]> {
    const canary = this.canaries.get(stageId)
    return this.parts.threads.tellAll((ticket) =>
      canary === undefined
        ? { type: 'end-canary', ticket, stageId }
        : { type: 'canary', ticket, canary: this.publishedCanary(canary) },
    )
  }

  private published({ hash, json, snapshot }: LiveSnapshot): PublishedSnapshot {
    const { keys, targets } = this.parts
    const stageNumber = keys.stageNumber(snapshot.stage.id)
    return { hash, json, stageNumber, targetSlots: targets.slots.of(snapshot.backends) }
  }

  private publishedCanary({ live, terms }: LiveCanary): PublishedCanary {
    return { snapshot: this.published(live), stageId: live.snapshot.stage.id, terms }
  }

  private remember(live: LiveSnapshot): void {
    this.live.set(live.snapshot.stage.id, live)
    this.changes++
  }

  private forget(stageId: string): boolean {
    this.changes++
    return this.live.delete(stageId)
  }

  private forgetTargets(): void {
    const all = [...this.live.values(), ...[...this.canaries.values()].map(({ live }) => live)]
    this.parts.targets.retain(all.map(({ snapshot }) => snapshot.backends))
  }
}

function parsed({ hash, json }: FrozenSnapshot): LiveSnapshot {
  // What comes here was frozen by snapshot/hash.ts.
  return { hash, json, snapshot: JSON.parse(json) as Snapshot }
}
