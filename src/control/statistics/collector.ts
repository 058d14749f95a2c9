import { randomBytes } from 'node:crypto'
import { newId } from '../../model/id.ts'
import type { SeriesKey, TrafficDelta } from '../../model/traffic.ts'
import { DeltaReader, Gathered } from '../../stats/gathered.ts'
import { Tally } from '../../stats/tally.ts'
import type { UnitRunner } from '../context.ts'

/** What the program's log is told. */
export interface StatisticsLog {
  info(message: string): void
  warn(message: string): void
}

export interface CollectorParts {
  readonly store: UnitRunner
  readonly nodeId: string
  readonly log: StatisticsLog
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** The most series of one stage and kind in one minute. */
  readonly maxSeries: number
}

/** What came of one minute, until it is in buckets: in memory, and in the journal but for the last moment. */
export interface Batch {
  /** Its number in the journal. */
  readonly number: number
  readonly minute: number
  /** What the journal has. */
  readonly saved: Gathered
  /** What is on its way there; the same row until it is known to be there. */
  saving: { readonly id: string; readonly gathered: Gathered; readonly data: Uint8Array } | null
  unsaved: Gathered
  hasRows: boolean
  /** Whether buckets are being made of it; what comes now of its minute is of another batch. */
  isClosed: boolean
}

/** Everything that a batch has, saved or not. */
export function partsOf({ saved, saving, unsaved }: Batch): Gathered[] {
  return [saved, ...(saving === null ? [] : [saving.gathered]), unsaved]
}

/** What came in a second, by the id of the stage. */
export type StageTallies = ReadonlyMap<string, Tally>

/** Is told each second what came in it. */
export interface Watcher {
  readonly isOf: (key: SeriesKey) => boolean
  readonly onStep: (step: Tally, atMs: number, stages: StageTallies) => void
  tally: Tally
  /** Only those that something came of; null where nobody wants to know. */
  stages: Map<string, Tally> | null
}

/** Counts that are added up in one go: a few milliseconds. */
const SLICE = 20_000
/** Counts that came are in the journal so long after: several workers' go in one row. */
const GATHER_MS = 20
/** But rows are not written more often than this. */
const FLUSH_MS = 250
const RETRY_MS = 2_000
/** The most tallies in memory while the store cannot be reached; each is about a kilobyte. */
const MAX_WAITING = 200_000
const MINUTE_MS = 60_000
const STEP_MS = 1_000

/**
 * Takes what the workers have counted. It is written into the journal at once, and is in memory until buckets are made of it
 * (`keeper.ts`): so a program that is killed loses what it was not told yet, and nothing is counted twice.
 */
export class TrafficCollector {
  private readonly parts: CollectorParts
  private readonly queue: DeltaReader[] = []
  private readonly minutes = new WeakMap<DeltaReader, number>()
  private batches: Batch[] = []
  private readonly watchers = new Set<Watcher>()
  private flushTimer: NodeJS.Timeout | null = null
  private stepTimer: NodeJS.Timeout | null = null
  private isReading = false
  private flushedAt = 0
  /** One flush after the other. */
  private turn: Promise<void> = Promise.resolve()
  private hasFailed = false
  private droppedCalls = 0

  constructor(parts: CollectorParts) {
    this.parts = parts
  }

  /** Takes what a worker has counted. */
  readonly take = (delta: TrafficDelta): void => {
    const reader = new DeltaReader(delta)
    this.minutes.set(reader, delta.minute)
    this.queue.push(reader)
    if (!this.isReading) this.read()
  }

  /** The batches that are in memory at this moment, with whether the journal knows each. Ask before the store is read. */
  pending(): { readonly batch: Batch; readonly hasRows: boolean }[] {
    return this.batches.map((batch) => ({ batch, hasRows: batch.hasRows }))
  }

  /** Tells `onStep` once a second what came of the series that `isOf` takes, by stage too where that is wanted. Returns what ends that. */
  watch(isOf: Watcher['isOf'], onStep: Watcher['onStep'], { isByStage = false } = {}): () => void {
    const watcher: Watcher = { isOf, onStep, tally: new Tally(), stages: isByStage ? new Map() : null }
    this.watchers.add(watcher)
    this.stepTimer ??= setInterval(() => this.step(), STEP_MS).unref()
    return () => {
      this.watchers.delete(watcher)
      if (this.watchers.size > 0 || this.stepTimer === null) return
      clearInterval(this.stepTimer)
      this.stepTimer = null
    }
  }

  /** Closes the batches of minutes that were over at a time, if the journal has all of them. */
  async close(untilMs: number): Promise<void> {
    const isOver = (batch: Batch) => !batch.isClosed && (batch.minute + 1) * MINUTE_MS <= untilMs
    if (!this.batches.some(isOver)) return
    await this.flush()
    for (const batch of this.batches)
      if (isOver(batch) && batch.saving === null && batch.unsaved.isEmpty) batch.isClosed = true
  }

  /** Forgets a batch: it is in buckets. */
  forget(batch: Batch): void {
    this.batches = this.batches.filter((one) => one !== batch)
  }

  /** Writes all that came into the journal, as far as the store can be reached. */
  flush(): Promise<void> {
    this.readAll()
    this.turn = this.turn.then(async () => {
      // Where rows were left over from a failure, what came after them is in the next.
      while (await this.save());
    })
    return this.turn
  }

  /** Writes all that came into the journal, and ends. */
  async stop(): Promise<void> {
    if (this.stepTimer !== null) clearInterval(this.stepTimer)
    await this.flush()
    if (this.flushTimer !== null) clearTimeout(this.flushTimer)
    this.flushTimer = null
  }

  /** Reads on, some at a time, so that requests to the management API are answered in between. */
  private read(): void {
    this.isReading = this.readSlice()
    if (this.isReading) setImmediate(() => this.read())
    else this.schedule(Math.max(GATHER_MS, this.flushedAt + FLUSH_MS - this.parts.now()))
  }

  private readAll(): void {
    while (this.readSlice());
  }

  /** Returns whether there is more. */
  private readSlice(): boolean {
    const [reader] = this.queue
    if (reader === undefined) return false
    const { unsaved } = this.batchOf(this.minutes.get(reader) ?? 0)
    const isAll = reader.read(SLICE, (key) => {
      const tallies = [unsaved.of(key)]
      // Every request is in exactly one series of a route, so those are what steps are made of.
      for (const watcher of this.watchers) if (watcher.isOf(key)) tallies.push(...talliesFor(watcher, key.stageId))
      return tallies
    })
    if (isAll) this.queue.shift()
    return this.queue.length > 0
  }

  private batchOf(minute: number): Batch {
    const open = this.batches.find((batch) => batch.minute === minute && !batch.isClosed)
    if (open !== undefined) return open
    const { maxSeries } = this.parts
    const batch: Batch = {
      number: randomBytes(6).readUIntBE(0, 6),
      minute,
      saved: new Gathered(maxSeries),
      saving: null,
      unsaved: new Gathered(maxSeries),
      hasRows: false,
      isClosed: false,
    }
    this.batches.push(batch)
    return batch
  }

  private schedule(afterMs: number): void {
    this.flushTimer ??= setTimeout(() => {
      this.flushTimer = null
      void this.flush()
    }, afterMs)
  }

  /** Writes one row for each batch that has something. Returns whether it did. */
  private async save(): Promise<boolean> {
    this.flushedAt = this.parts.now()
    for (const batch of this.batches) {
      if (batch.saving !== null || batch.unsaved.isEmpty) continue
      batch.saving = { id: newId(), gathered: batch.unsaved, data: batch.unsaved.encode() }
      batch.unsaved = new Gathered(this.parts.maxSeries)
    }
    const saving = this.batches.flatMap((batch) => (batch.saving === null ? [] : [{ batch, row: batch.saving }]))
    if (saving.length === 0) return false
    const { store, nodeId } = this.parts
    try {
      await store.inTransaction('system', async ({ statistics }) => {
        for (const { batch, row } of saving)
          await statistics.append({ id: row.id, nodeId, batch: batch.number, minute: batch.minute, data: row.data })
      })
    } catch (error) {
      this.onFailure(error)
      return false
    }
    for (const { batch, row } of saving) {
      batch.saved.merge(row.gathered)
      batch.saving = null
      batch.hasRows = true
    }
    this.onSuccess()
    return true
  }

  private onFailure(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (!this.hasFailed)
      this.parts.log.warn(`Statistics cannot be written down, and are kept in memory until they can: ${reason}`)
    this.hasFailed = true
    this.dropBeyondBound()
    this.schedule(RETRY_MS)
  }

  private onSuccess(): void {
    if (this.hasFailed) {
      const dropped = this.droppedCalls
      this.parts.log.info(
        dropped === 0
          ? 'Statistics are written down again; nothing was lost.'
          : `Statistics are written down again; ${dropped} counts of requests had no room meanwhile and are lost.`,
      )
    }
    this.hasFailed = false
    this.droppedCalls = 0
  }

  /** Keeps what waits for the store within its bound: the oldest goes first. */
  private dropBeyondBound(): void {
    const waitingOf = ({ saving, unsaved }: Batch) => (saving?.gathered.size ?? 0) + unsaved.size
    let waiting = this.batches.reduce((sum, batch) => sum + waitingOf(batch), 0)
    for (const batch of this.batches.toSorted((a, b) => a.minute - b.minute)) {
      if (waiting <= MAX_WAITING) return
      waiting -= waitingOf(batch)
      for (const part of partsOf(batch).slice(1))
        for (const { key, tally } of part.series) if (key.kind === 'route') this.droppedCalls += tally.calls
      batch.saving = null
      batch.unsaved = new Gathered(this.parts.maxSeries)
      if (!batch.hasRows) this.forget(batch)
    }
  }

  private step(): void {
    this.readAll()
    const at = this.parts.now()
    for (const watcher of this.watchers) {
      const { tally, stages } = watcher
      watcher.tally = new Tally()
      if (stages !== null) watcher.stages = new Map()
      watcher.onStep(tally, at, stages ?? NO_STAGES)
    }
  }
}

const NO_STAGES: StageTallies = new Map()

/** What a watcher counts a request of a stage in. */
function talliesFor({ tally, stages }: Watcher, stageId: string): Tally[] {
  if (stages === null) return [tally]
  const ofStage = stages.get(stageId) ?? new Tally()
  stages.set(stageId, ofStage)
  return [tally, ofStage]
}
