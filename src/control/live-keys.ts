import type { CountedUsage, SubscriptionUsage } from '../model/key.ts'
import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'
import type { LiveKeyTable } from './publisher.ts'

/** What the program's log is told. */
interface Log {
  warn(message: string): void
}

/** Rows that are written in one transaction: a few milliseconds. */
const BATCH = 1_000
/** Keys that are put into the table in one go: about a millisecond. */
const CHUNK = 250
/** Keys of which it is written down each second when they were last used; all others have their turn later. */
const USES_PER_FLUSH = 250
const FLUSH_MS = 1_000
/** Small enough that what was read is gone before it gets old. */
const LOAD_PAGE = 4_000

/**
 * Keeps the data plane and the store at one about API keys and plans: what is changed in the store is put into the table before
 * whoever changed it has the answer, and what the table has counted is written down once a second.
 */
export class LiveKeys {
  private readonly store: Pick<Store, 'inTransaction'>
  private readonly table: LiveKeyTable
  private readonly log: Log
  /** One after the other, so that the last to be read is the last to be put in. */
  private turn: Promise<void> = Promise.resolve()
  /** What could not be brought up to date, because the store could not be read; it is tried again. */
  private readonly dueKeys = new Set<string>()
  private readonly duePlans = new Set<string>()
  private unsavedUses: { readonly keyId: string; readonly minute: number }[] = []
  private timer: NodeJS.Timeout | null = null
  private hasFailed = false

  constructor(store: Pick<Store, 'inTransaction'>, table: LiveKeyTable, log: Log) {
    this.store = store
    this.table = table
    this.log = log
  }

  /** How many keys the data plane has room for. */
  get capacity(): number {
    return this.table.capacity
  }

  /** Fills the table. Called before anybody serves. */
  async load(): Promise<void> {
    for (const plan of await this.inTransaction((unit) => unit.plans.list())) await this.table.putPlan(plan)
    for (let after = ''; ; ) {
      const keys = await this.inTransaction((unit) => unit.keys.live({ after, limit: LOAD_PAGE }))
      for (const key of keys) this.table.addKey(key)
      const last = keys.at(-1)
      if (last === undefined) return
      after = last.id
    }
  }

  /** Begins to write down what is counted. */
  start(): void {
    this.timer = setTimeout(async () => {
      await this.settle()
      if (this.timer !== null) this.start()
    }, FLUSH_MS)
  }

  /** Writes down all that was counted, and ends. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    await this.settle()
    while (!this.hasFailed && !(await this.saveUses(BATCH)));
  }

  /** Brings the table up to date about keys that were changed, made or deleted. Resolves when it is. */
  async refreshKeys(ids: Iterable<string>): Promise<void> {
    for (const id of ids) this.dueKeys.add(id)
    await this.settle()
  }

  /** The same for plans. */
  async refreshPlans(ids: Iterable<string>): Promise<void> {
    for (const id of ids) this.duePlans.add(id)
    await this.settle()
  }

  /** What the store and the table know of a key's subscriptions. */
  async usageOf(unit: Unit, keyId: string): Promise<SubscriptionUsage[]> {
    const { subscriptions: states } = this.table.stateOf(keyId)
    const plans = new Map((await unit.plans.list()).map((plan) => [plan.id, plan]))
    return (await unit.keys.subscriptionsOf(keyId)).map((subscription) => {
      const plan = plans.get(subscription.planId)
      const state = states.find(({ stageId }) => stageId === subscription.stageId)
      const { requestsPerSecond = null, burst = null, quota = null } = plan ?? {}
      return {
        ...subscription,
        rate:
          requestsPerSecond === null
            ? null
            : {
                requestsPerSecond,
                burst: burst ?? requestsPerSecond,
                remaining: state?.rateRemaining ?? burst ?? requestsPerSecond,
              },
        quota:
          quota === null || state === undefined
            ? null
            : {
                ...quota,
                used: state.used,
                remaining: Math.max(0, quota.requests - state.used),
                resetsAt: new Date(state.resetsAt).toISOString(),
              },
        lastRefusal:
          state === undefined || state.lastRefusal === null
            ? null
            : { at: new Date(state.lastRefusal.at).toISOString(), reason: state.lastRefusal.reason },
      }
    })
  }

  /** When a key was last used, as the table knows it: it is ahead of the store. Null for never. */
  lastUsedAt(keyId: string): string | null {
    const { lastUsed } = this.table.stateOf(keyId)
    return lastUsed === 0 ? null : new Date(lastUsed * 60_000).toISOString()
  }

  /** Writes down what was counted, then brings the table up to date: never the other way round, or counts would be lost. */
  private settle(): Promise<void> {
    this.turn = this.turn.then(async () => {
      try {
        await this.flush()
        await this.updatePlans()
        await this.updateKeys()
        if (this.hasFailed) this.log.warn('API keys and their usage are kept in the store again')
        this.hasFailed = false
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (!this.hasFailed) this.log.warn(`API keys and the store are not at one, and it is tried again: ${reason}`)
        this.hasFailed = true
      }
    })
    return this.turn
  }

  private async flush(): Promise<void> {
    for (;;) {
      const { usage, isAll } = this.table.takeCounted(BATCH)
      await this.saveUsage(usage)
      if (isAll) break
    }
    // Some each second: when keys were last used is for people, who ask the table. It may be written down later.
    await this.saveUses(USES_PER_FLUSH)
  }

  /** Writes down when some keys were last used. Returns whether that was all. */
  private async saveUses(most: number): Promise<boolean> {
    const { keys, isAll } = this.table.takeTouched(most)
    this.unsavedUses.push(...keys)
    const uses = this.unsavedUses
    if (uses.length > 0) await this.inTransaction((unit) => unit.keys.setLastUsed(uses))
    this.unsavedUses = []
    return isAll
  }

  private async saveUsage(usage: readonly CountedUsage[]): Promise<void> {
    if (usage.length === 0) return
    try {
      await this.inTransaction((unit) => unit.keys.saveUsage(usage))
    } catch (error) {
      this.table.giveBackCounted(usage)
      throw error
    }
  }

  private async updatePlans(): Promise<void> {
    for (const id of this.duePlans) {
      const plan = await this.inTransaction((unit) => unit.plans.find(id))
      if (plan === null) await this.table.removePlan(id)
      else await this.table.putPlan(plan)
      this.duePlans.delete(id)
    }
  }

  private async updateKeys(): Promise<void> {
    while (this.dueKeys.size > 0) {
      const ids = firstOf(this.dueKeys, CHUNK)
      const keys = await this.inTransaction((unit) => unit.keys.live(ids))
      for (const key of keys) this.table.putKey(key)
      const found = new Set(keys.map(({ id }) => id))
      for (const id of ids) {
        if (!found.has(id)) this.table.removeKey(id)
        this.dueKeys.delete(id)
      }
      // Between chunks others have their turn.
      if (this.dueKeys.size > 0) await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  private inTransaction<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    return this.store.inTransaction('system', work)
  }
}

function firstOf(ids: Iterable<string>, most: number): string[] {
  const first: string[] = []
  for (const id of ids) {
    if (first.length === most) break
    first.push(id)
  }
  return first
}
