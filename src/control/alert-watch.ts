import { createHmac } from 'node:crypto'
import { PostFailed, postJson } from '../lib/post-json.ts'
import type { Vault } from '../lib/vault.ts'
import type { AlertKind, AlertStanding } from '../model/alert.ts'
import { quotaPeriodAt } from '../model/quota-period.ts'
import { measured, nextStanding } from '../stats/alert-state.ts'
import { stageTotal } from '../stats/gathered.ts'
import { sumOf, type Tally } from '../stats/tally.ts'
import type { StoredAlert } from '../store/alerts.ts'
import type { Unit } from '../store/unit.ts'
import { toldOf } from './alerts.ts'
import { firstExpiry } from './certificates.ts'
import type { UnitRunner } from './context.ts'
import type { StatisticsLog, TrafficCollector } from './statistics/collector.ts'
import { StatisticsReader } from './statistics/reader.ts'

export interface AlertParts {
  readonly store: UnitRunner
  readonly collector: Pick<TrafficCollector, 'pending'>
  readonly log: StatisticsLog
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** How often rules are looked at; other than in the program only in tests. */
  readonly intervalMs?: number
}

const INTERVAL_MS = 5_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const POST_TIMEOUT_MS = 10_000
/** The first pause after a message that was not taken, doubled each time up to the longest. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 600_000
/** Messages that are under way at a time; the others have their turn at the next look. */
const MOST_UNDER_WAY = 16

/** A message that was not taken yet. */
interface Attempt {
  readonly failures: number
  readonly nextAt: number
}

/**
 * Looks at all alert rules every few seconds, and tells webhooks what has changed. How rules stand, and what was told, is in the
 * store: so a change that happened before a restart is told after it. A message can come twice, with the same id.
 */
export class AlertWatch {
  private readonly parts: AlertParts
  private readonly values = new Map<string, number | null>()
  private readonly attempts = new Map<string, Attempt>()
  private readonly underWay = new Set<string>()
  private timer: NodeJS.Timeout | null = null
  private running: Promise<void> = Promise.resolve()
  private isEnding = false
  private hasFailed = false

  constructor(parts: AlertParts) {
    this.parts = parts
  }

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.look().then(() => {
        if (!this.isEnding) this.start()
      })
    }, this.parts.intervalMs ?? INTERVAL_MS).unref()
  }

  async stop(): Promise<void> {
    this.isEnding = true
    if (this.timer !== null) clearTimeout(this.timer)
    await this.running
  }

  /** What was last measured for a rule; null where nothing was, by this process. */
  latest(stageId: string, name: string): number | null {
    return this.values.get(keyOf({ stageId, name })) ?? null
  }

  /** Looks at all rules once. */
  async look(): Promise<void> {
    try {
      const { store } = this.parts
      const rules = await store.inTransaction('system', (unit) => unit.alerts.list(null))
      for (const stageId of new Set(rules.map((rule) => rule.stageId)))
        this.tell(await store.inTransaction('system', (unit) => this.lookAt(unit, stageId)))
      this.hasFailed = false
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.hasFailed) this.parts.log.warn(`Alert rules cannot be looked at, and it is tried again: ${reason}`)
      this.hasFailed = true
    }
  }

  private async lookAt(unit: Unit, stageId: string): Promise<Message[]> {
    const now = this.parts.now()
    const rules = await unit.alerts.list(stageId)
    const windows = await this.windowsOf(unit, stageId, rules, now)
    const due: Message[] = []
    for (const before of rules) {
      const { rule, standing } = before
      const looked = lookedUp[rule.kind]
      const value = looked
        ? await looked(unit, stageId, now)
        : measured(rule, windows.get(rule.windowMinutes) ?? sumOf([]))
      const next = nextStanding(rule, standing, value, now)
      const after = { ...before, standing: next }
      this.values.set(keyOf(before), value)
      // The value alone is not worth a write every few seconds.
      if (next.state !== standing.state || next.turnedAt !== standing.turnedAt) await unit.alerts.put(after)
      if (rule.webhook !== null && toldOf(next) !== '' && toldOf(next) !== before.told)
        due.push(await messageOf(unit, after, rule.webhook))
    }
    return due
  }

  /** What came of a stage in the last minutes, for each window that a rule has. */
  private async windowsOf(
    unit: Unit,
    stageId: string,
    rules: readonly StoredAlert[],
    now: number,
  ): Promise<Map<number, Tally>> {
    const lengths = new Set(rules.flatMap(({ rule }) => (rule.kind in lookedUp ? [] : [rule.windowMinutes])))
    if (lengths.size === 0) return new Map()
    const reader = await StatisticsReader.open(unit, this.parts.collector)
    const minute = Math.floor(now / MINUTE_MS)
    const windows = new Map<number, Tally>()
    for (const length of lengths) {
      // So many whole minutes, and what there is of this one.
      const sums = await reader.sums([stageTotal(stageId)], [{ from: minute - length, to: minute + 1 }])
      windows.set(length, sumOf(sums))
    }
    return windows
  }

  private tell(messages: readonly Message[]): void {
    for (const message of messages) {
      const attempt = this.attempts.get(message.id)
      if (this.underWay.has(message.id) || this.underWay.size >= MOST_UNDER_WAY) continue
      if (attempt !== undefined && attempt.nextAt > this.parts.now()) continue
      this.underWay.add(message.id)
      void this.deliver(message).finally(() => this.underWay.delete(message.id))
    }
  }

  private async deliver(message: Message): Promise<void> {
    const { store, log, now } = this.parts
    try {
      const seconds = Math.floor(now() / 1000)
      const headers = message.secret === null ? {} : { 'turnpike-signature': signed(message, message.secret, seconds) }
      await postJson(message.url, message.body, headers, POST_TIMEOUT_MS)
      this.attempts.delete(message.id)
      await store.inTransaction('system', async (unit) => {
        const alert = await unit.alerts.find(message.stageId, message.name)
        if (alert !== null) await unit.alerts.put({ ...alert, told: message.told })
      })
    } catch (error) {
      const failures = (this.attempts.get(message.id)?.failures ?? 0) + 1
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
      if (this.attempts.size > 10_000) this.attempts.clear()
      this.attempts.set(message.id, { failures, nextAt: now() + pause })
      const reason = error instanceof PostFailed ? error.message : 'the store could not be written'
      if (failures === 1)
        log.warn(`The webhook of alert "${message.name}" did not take its message, and it is tried again: ${reason}`)
    }
  }
}

interface Message {
  /** The same however often it is sent. */
  readonly id: string
  readonly stageId: string
  readonly name: string
  readonly told: string
  readonly url: string
  readonly body: string
  readonly secret: string | null
}

async function messageOf(
  { stages, services, vault }: Pick<Unit, 'stages' | 'services'> & { readonly vault: Vault },
  { stageId, name, rule, secret, standing }: StoredAlert,
  url: string,
): Promise<Message> {
  const stage = await stages.find(stageId)
  const service = stage === null ? null : await services.find(stage.serviceId)
  const id = `${stageId}/${name}/${toldOf(standing)}`
  const body = JSON.stringify({
    id,
    alert: name,
    service: service?.name ?? null,
    stage: stage?.name ?? null,
    ...stateOf(standing),
    kind: rule.kind,
    threshold: rule.threshold,
  })
  const opened = secret === null ? null : vault.open(secret)
  return { id, stageId, name, told: toldOf(standing), url, body, secret: opened }
}

function stateOf({ state, since, value }: AlertStanding) {
  return { state, since: new Date(since).toISOString(), value }
}

/** With the time, so that what was heard once cannot be said again much later. */
function signed({ body }: Message, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

/** The percentage of its quota that the key of a stage with the least left has used; null where no plan has a quota. */
/** What is not counted but looked up: null where there is nothing of it. */
const lookedUp: Partial<Record<AlertKind, (unit: Unit, stageId: string, now: number) => Promise<number | null>>> = {
  quota: quotaUsed,
  certificate: certificateDays,
}

/** Days until the first certificate for a domain of the stage expires. */
async function certificateDays(unit: Unit, stageId: string, now: number): Promise<number | null> {
  const stage = await unit.stages.find(stageId)
  const end = stage === null ? null : firstExpiry(await unit.certificates.list(), stage.domains)
  return end === null ? null : Math.floor(((end - now) / DAY_MS) * 100) / 100
}

async function quotaUsed(unit: Unit, stageId: string, now: number): Promise<number | null> {
  const plans = new Map((await unit.plans.list()).map((plan) => [plan.id, plan]))
  const shares = (await unit.keys.mostUsed(stageId)).flatMap(({ planId, period, used }) => {
    const quota = plans.get(planId)?.quota ?? null
    if (quota === null || quotaPeriodAt(quota.per, now).number !== period) return []
    return [Math.round((used / quota.requests) * 10_000) / 100]
  })
  return shares.length === 0 ? null : Math.max(...shares)
}

function keyOf({ stageId, name }: { readonly stageId: string; readonly name: string }): string {
  return `${stageId}/${name}`
}
