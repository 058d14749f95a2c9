import { monotonicMs } from '../../lib/monotonic-clock.ts'
import type { BackendState, TargetState } from '../../model/backend-state.ts'
import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import { type BackendPermissions, refusalOf } from './dial.ts'
import { createHealthMemory, SlotRegistry, type TargetSlots } from './health-board.ts'
import type { Pool, TargetCounts } from './pool.ts'
import { parseTarget, type TargetSettings, targetKey, targetsOf } from './target.ts'
import { TargetHealth } from './target-health.ts'

/** What a worker tells of a target: what it has of it now, and what it has counted. */
export interface TargetReport extends TargetCounts {
  readonly key: string
  readonly connections: number
  readonly idle: number
  readonly underWay: number
  readonly waiting: number
}

/** What a worker tells of its pools: of each only when there is something new, for there can be many that nobody uses. */
export class PoolReports {
  private readonly told = new WeakMap<Pool, TargetReport>()

  take(pools: Iterable<Pool>): TargetReport[] {
    return [...pools].flatMap((pool) => {
      const last = this.told.get(pool)
      if (last !== undefined && isSame(last, pool)) return []
      const report = reportOf(pool)
      this.told.set(pool, report)
      return [report]
    })
  }
}

function reportOf({ key, counts, connectionCount, idleCount, underWay, waiting }: Pool): TargetReport {
  return { key, ...counts, connections: connectionCount, idle: idleCount, underWay, waiting }
}

function isSame(last: TargetReport, { counts, connectionCount, idleCount, underWay, waiting }: Pool): boolean {
  return (
    last.requests === counts.requests &&
    last.failures === counts.failures &&
    last.refused === counts.refused &&
    last.connections === connectionCount &&
    last.idle === idleCount &&
    last.underWay === underWay &&
    last.waiting === waiting
  )
}

/** Throws if the operator does not let one of the targets be a backend. */
export function assertAllowed(
  backends: Readonly<Record<string, SnapshotBackend>>,
  permissions: BackendPermissions,
): void {
  for (const url of Object.values(backends).flatMap(({ targets }) => targets)) {
    const refusal = refusalOf(parseTarget(url), permissions)
    if (refusal !== null) throw new Error(refusal)
  }
}

const COUNTS = ['requests', 'failures', 'refused'] as const
const NOTHING = { connections: 0, idle: 0, underWay: 0, waiting: 0, requests: 0, failures: 0, refused: 0 }

type Judgement = Pick<TargetState, 'state' | 'reason' | 'since' | 'ejectedUntil' | 'ejections' | 'lastCheck'>
const UNCHECKED: Judgement = {
  state: 'unchecked',
  reason: null,
  since: null,
  ejectedUntil: null,
  ejections: 0,
  lastCheck: null,
}

/** What the main thread knows of all targets: what workers report once a second, and what they share. */
export class BackendStates {
  readonly memory = createHealthMemory()
  readonly slots = new SlotRegistry(this.memory)
  /** By worker, then by target. */
  private readonly reports = new Map<number, Map<string, TargetReport>>()
  /** What workers that are gone have counted, by target. */
  private readonly earlier = new Map<string, TargetCounts>()

  take(worker: number, reports: readonly TargetReport[]): void {
    const known = this.reports.get(worker) ?? new Map<string, TargetReport>()
    for (const report of reports) known.set(report.key, report)
    this.reports.set(worker, known)
  }

  /** Where the health of those targets is that are known already. */
  slotsOf(backends: Readonly<Record<string, SnapshotBackend>>): TargetSlots {
    return Object.values(backends).flatMap((backend) =>
      targetsOf(backend).flatMap((settings) => {
        const key = targetKey(settings)
        const slot = this.slots.get(key)
        return slot === undefined ? [] : [[key, slot] as const]
      }),
    )
  }

  /** A worker has died: what it had is gone, what it counted was counted. */
  onWorkerGone(worker: number): void {
    for (const [key, report] of this.reports.get(worker) ?? []) {
      const sum = this.earlier.get(key) ?? { requests: 0, failures: 0, refused: 0 }
      for (const name of COUNTS) sum[name] += report[name]
      this.earlier.set(key, sum)
    }
    this.reports.delete(worker)
  }

  /** Forgets all targets but those of what is live. */
  retain(live: readonly Readonly<Record<string, SnapshotBackend>>[]): void {
    this.slots.retain(live)
    const kept = new Set(live.flatMap((backends) => Object.values(backends).flatMap(targetsOf).map(targetKey)))
    for (const known of [this.earlier, ...this.reports.values()])
      for (const key of known.keys()) if (!kept.has(key)) known.delete(key)
  }

  of(backends: Readonly<Record<string, SnapshotBackend>>): BackendState[] {
    return Object.entries(backends).map(([name, backend]) => ({
      name,
      targets: targetsOf(backend).map((settings, i) => this.stateOf(settings, backend.weights?.[i] ?? 1)),
    }))
  }

  private stateOf(settings: TargetSettings, weight: number): TargetState {
    const key = targetKey(settings)
    return { url: settings.url, weight, ...this.healthOf(key, settings), ...this.sumOf(key) }
  }

  private healthOf(key: string, { health }: TargetSettings): Judgement {
    const slot = this.slots.get(key)
    if (health === undefined || slot === undefined) return UNCHECKED
    const told = new TargetHealth(this.memory, slot, health, monotonicMs).read()
    const { state, reason, ejections, check } = told
    const offset = Date.now() - monotonicMs()
    const toDate = (ms: number | null) => (ms === null ? null : Math.round(ms + offset))
    return {
      state,
      reason,
      since: toDate(told.sinceMs),
      ejectedUntil: toDate(told.ejectedUntilMs),
      ejections,
      lastCheck: check === null ? null : { at: Math.round(check.atMs + offset), result: check.result },
    }
  }

  private sumOf(key: string): Omit<TargetReport, 'key'> {
    const sum = { ...NOTHING, ...this.earlier.get(key) }
    for (const reports of this.reports.values()) {
      const report = reports.get(key)
      if (report === undefined) continue
      for (const name of COUNTS) sum[name] += report[name]
      sum.connections += report.connections
      sum.idle += report.idle
      sum.underWay += report.underWay
      sum.waiting += report.waiting
    }
    return sum
  }
}
