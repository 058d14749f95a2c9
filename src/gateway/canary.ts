import { KeyedHash } from '../lib/keyed-hash.ts'
import type { CanaryTerms, SideComparison, SideTotals } from '../model/canary.ts'
import { type GatewayExchange, STARTED } from './exchange.ts'
import type { StageTable } from './table.ts'
import { Series } from './traffic-recorder.ts'

/**
 * Two deployments of one stage: callers are shared out by a hash of who they are. A caller belongs to the canary where the
 * hash lies below the share, so that a growing share never moves anybody back, and a smaller one never anybody to it.
 */

/** Hundredths of a percent. */
const ALL = 10_000

/** The deployment that serves a share of a stage's callers. */
export class Canary {
  readonly table: StageTable
  readonly terms: CanaryTerms
  private readonly threshold: number
  private readonly hash: KeyedHash
  private readonly valueOf: (x: GatewayExchange) => string

  constructor(table: StageTable, terms: CanaryTerms) {
    this.table = table
    this.terms = terms
    this.threshold = Math.round(terms.share * 100)
    this.hash = new KeyedHash(0, 0).derive(terms.deploymentId)
    this.valueOf = callerReader(terms)
  }

  /** Whether a request is served by the canary. */
  takes(x: GatewayExchange): boolean {
    this.hash.digest(this.valueOf(x))
    return Math.floor(((this.hash.low >>> 0) / 2 ** 32) * ALL) < this.threshold
  }
}

/** Makes what tells callers apart. */
function callerReader({ by, name }: CanaryTerms): (x: GatewayExchange) => string {
  if (by === 'client-ip' || name === null) return (x) => x.clientIp
  if (by === 'header') {
    const key = name.toLowerCase()
    return (x) => x.request.headers.get(key) ?? x.clientIp
  }
  return (x) => cookieValue(x.request.headers.get('cookie') ?? '', name) ?? x.clientIp
}

/** The value of a cookie (RFC 6265, section 5.4); undefined if there is none. */
function cookieValue(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/** Counts what one side does. */
export class SideCounts {
  private calls = 0
  private clientErrors = 0
  private serverErrors = 0
  private aborted = 0
  private totalMs = 0

  count(x: GatewayExchange, isAborted: boolean): void {
    const { status } = x.response
    this.calls++
    if (status >= 500) this.serverErrors++
    else if (status >= 400) this.clientErrors++
    if (isAborted) this.aborted++
    this.totalMs += performance.now() - (x.times[STARTED] ?? 0)
  }

  /** What has come since the last call. */
  take(): SideTotals {
    const { calls, clientErrors, serverErrors, aborted, totalMs } = this
    this.calls = this.clientErrors = this.serverErrors = this.aborted = this.totalMs = 0
    return { calls, clientErrors, serverErrors, aborted, totalMs }
  }
}

const NOTHING: SideTotals = { calls: 0, clientErrors: 0, serverErrors: 0, aborted: 0, totalMs: 0 }

/** Both sides, before anything has come. */
export const noSides: SideComparison = { live: NOTHING, canary: NOTHING }

/** The sums of both sides. */
export function addSides(a: SideComparison, b: SideComparison): SideComparison {
  return { live: addTotals(a.live, b.live), canary: addTotals(a.canary, b.canary) }
}

function addTotals(a: SideTotals, b: SideTotals): SideTotals {
  return {
    calls: a.calls + b.calls,
    clientErrors: a.clientErrors + b.clientErrors,
    serverErrors: a.serverErrors + b.serverErrors,
    aborted: a.aborted + b.aborted,
    totalMs: a.totalMs + b.totalMs,
  }
}

/** A stage table with a canary beside it, and counts of both sides that go on where they have begun. */
export function withCanary(live: StageTable, table: StageTable, terms: CanaryTerms): StageTable {
  const counted = { ...counting(table, terms.deploymentId), canary: null }
  return { ...counting(live, terms.liveDeploymentId), canary: new Canary(counted, terms) }
}

function counting(table: StageTable, deploymentId: string): StageTable {
  const { side, deploymentSeries, stage } = table
  return {
    ...table,
    side: side ?? new SideCounts(),
    deploymentSeries: deploymentSeries ?? new Series(stage.id, 'deployment', deploymentId),
  }
}

/** The table alone again. */
export function withoutCanary(live: StageTable): StageTable {
  return { ...live, canary: null, side: null, deploymentSeries: null }
}
