import type { AlertKind, AlertRule, AlertStanding } from '../model/alert.ts'
import { STATUS } from '../model/traffic.ts'
import { latencyOf } from './figures.ts'
import type { Tally } from './tally.ts'

/**
 * How a rule stands after one more look:
 *
 *     ok ──breached──► pending ──for long enough──► firing ──well for as long──► resolved ──breached──► pending
 *      ◄──────well──────┘                              ◄─────breached again meanwhile
 *
 * To be well takes more than not to be breached: a value must be a tenth away from the threshold, so that one that swings about it
 * does not fire again and again.
 */
export function nextStanding(
  rule: Pick<AlertRule, 'kind' | 'threshold' | 'forMinutes'>,
  before: AlertStanding,
  value: number | null,
  now: number,
): AlertStanding {
  const forMs = rule.forMinutes * 60_000
  if (before.state === 'firing') {
    // Nothing to measure is no news: it stays as it is.
    if (value === null || !isWell(rule, value)) return { ...before, turnedAt: null, value }
    const turnedAt = before.turnedAt ?? now
    return now - turnedAt >= forMs
      ? { state: 'resolved', since: now, turnedAt: null, value }
      : { ...before, turnedAt, value }
  }
  const isBad = value !== null && isBreached(rule, value)
  if (!isBad) {
    if (before.state === 'pending') return { state: 'ok', since: now, turnedAt: null, value }
    return { ...before, turnedAt: null, value }
  }
  const turnedAt = before.state === 'pending' ? (before.turnedAt ?? before.since) : now
  if (now - turnedAt >= forMs) return { state: 'firing', since: now, turnedAt: null, value }
  return { state: 'pending', since: before.state === 'pending' ? before.since : now, turnedAt, value }
}

/** What a rule is about, of a window; null where there is too little to measure. */
export function measured({ kind, minCalls }: Pick<AlertRule, 'kind' | 'minCalls'>, window: Tally): number | null {
  const { calls } = window
  if (kind === 'no-traffic') return calls
  if (calls < Math.max(1, minCalls)) return null
  if (kind === 'latency') return latencyOf(window).p99Ms
  const first = STATUS + (kind === 'server-errors' ? 500 : 400)
  return Math.round((window.sum(first, first + 100) / calls) * 10_000) / 100
}

/** Kinds of which too little is what is bad. */
const falling: ReadonlySet<AlertKind> = new Set(['no-traffic', 'certificate'])

function isBreached({ kind, threshold }: { kind: AlertKind; threshold: number }, value: number): boolean {
  return falling.has(kind) ? value < threshold : value >= threshold
}

function isWell({ kind, threshold }: { kind: AlertKind; threshold: number }, value: number): boolean {
  return falling.has(kind) ? value >= threshold * 1.1 : value < threshold * 0.9
}
