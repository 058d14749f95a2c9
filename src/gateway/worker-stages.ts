import type { Snapshot } from '../snapshot/snapshot.ts'
import type { HealthChecks } from './backend/health-checks.ts'
import type { Pools } from './backend/pool.ts'
import { withCanary, withoutCanary } from './canary.ts'
import type { FrontConnection } from './http1/connection.ts'
import type { Notices } from './notices.ts'
import type { LoadEnv } from './plugin-env.ts'
import type { PublishedCanary, PublishedSnapshot, WorkerReport, WorkerSettings } from './protocol.ts'
import { buildStage, HostTable, type StageTable } from './table.ts'

/** What tables are built with, and who goes by them. */
export interface StageParts {
  readonly pools: Pools
  readonly env: LoadEnv
  readonly notices: Notices
  /** Makes the checks of all targets; null in workers that make none. */
  readonly checks: HealthChecks | null
  /** The numbers that stages have in the table of keys: that of a stage is there before its table is built. */
  readonly stageNumbers: Map<string, number>
  /** Is given the table of hosts whenever it is another one: from the next request on, everything goes by it. */
  readonly onSwap: (hosts: HostTable) => void
}

type Counts = Extract<WorkerReport, { readonly type: 'counts' }>

/** The stages that a worker serves: builds tables of snapshots, puts them in the place of others, and has what they have counted. */
export class WorkerStages {
  private readonly parts: StageParts
  private hosts = new HostTable([])
  /** Stages that were replaced since the last report: their last requests may still be under way. */
  private retired: StageTable[] = []

  constructor(parts: StageParts) {
    this.parts = parts
  }

  /** Takes in what is live at the start of the worker. */
  begin({ snapshots, canaries }: Pick<WorkerSettings, 'snapshots' | 'canaries'>): void {
    this.hosts = new HostTable(snapshots.map((snapshot) => this.build(snapshot)))
    for (const canary of canaries) this.hosts = this.hosts.with(this.withCanary(canary))
    this.parts.onSwap(this.hosts)
    this.parts.checks?.follow(this.parts.pools.all())
  }

  /** Throws what makes a snapshot one that cannot be served; then all is as it was. */
  publish(snapshot: PublishedSnapshot): void {
    this.swap(this.hosts.with(this.build(snapshot)))
  }

  publishCanary(canary: PublishedCanary): void {
    this.swap(this.hosts.with(this.withCanary(canary)))
  }

  endCanary(stageId: string): void {
    const live = this.hosts.ofStage(stageId)
    if (live !== undefined) this.swap(this.hosts.with(withoutCanary(live)))
  }

  withdraw(stageId: string): void {
    this.swap(this.hosts.without(stageId))
  }

  /** What plugins and sides of canaries have counted since this was asked; stages that no connection serves any more are forgotten. */
  take(connections: ReadonlySet<FrontConnection>): Pick<Counts, 'plugins' | 'sides'> {
    const plugins = [...this.hosts.tables, ...this.retired].flatMap((table) => table.pluginCounters.take())
    this.retired = this.retired.filter((table) => [...connections].some((connection) => connection.serves(table)))
    const sides = this.hosts.stages.flatMap(({ stage, canary, side }) =>
      canary === null || canary.table.side === null || side === null
        ? []
        : [{ stageId: stage.id, counts: { live: side.take(), canary: canary.table.side.take() } }],
    )
    return { plugins, sides }
  }

  private build({ hash, json, stageNumber, targetSlots }: PublishedSnapshot): StageTable {
    const { pools, env, notices, stageNumbers } = this.parts
    pools.learn(targetSlots)
    // Only snapshots that control has compiled, in the format of this version, come this way.
    const snapshot = JSON.parse(json) as Snapshot
    stageNumbers.set(snapshot.stage.id, stageNumber)
    return buildStage(hash, snapshot, pools, env, notices)
  }

  /** The live table of a stage with its canary beside it, which is built where it is not there already. */
  private withCanary({ snapshot, stageId, terms }: PublishedCanary): StageTable {
    const live = this.hosts.ofStage(stageId)
    if (live === undefined) throw new Error('the stage is not live, so there is nothing to share with')
    const running = live.canary?.table
    return withCanary(live, running?.hash === snapshot.hash ? running : this.build(snapshot), terms)
  }

  private swap(next: HostTable): void {
    const { pools, checks, onSwap } = this.parts
    const { tables } = next
    const kept = new Set(tables)
    this.retired.push(...this.hosts.tables.filter((table) => !kept.has(table)))
    this.hosts = next
    onSwap(next)
    pools.retain(new Set(tables.flatMap((table) => table.targets)))
    checks?.follow(pools.all())
  }
}
