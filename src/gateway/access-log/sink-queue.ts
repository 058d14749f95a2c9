import type { LogFormat } from '../../plugins/log-sinks.ts'
import { droppedLine } from './dropped-line.ts'
import type { LogBatch, SinkStatus } from './protocol.ts'
import { countOf, type Gathering, type Lines, type Writer } from './sink.ts'

/** What waits for one sink, of all workers. It holds no more than they may have on their way. */

/** A batch, and what is to be told when it is done with. */
interface Waiting {
  readonly batch: LogBatch
  done(batch: LogBatch): void
}

export interface SinkQueueParts {
  readonly owner: string
  /** How people are told of it. */
  readonly name: string
  readonly format: LogFormat
  /** Whether lines have their severity in front. */
  readonly isMarked: boolean
  readonly writer: Writer
  readonly gathering: Gathering
  /** For the program's log, which hears of one subject once a minute at most. */
  notice(subject: string, message: string): void
  now(): number
}

export class SinkQueue {
  private readonly parts: SinkQueueParts
  private readonly waiting: Waiting[] = []
  private waitingBytes = 0
  /** When the first of them came. */
  private since = 0
  private lines = 0
  private bytes = 0
  private droppedLines = 0
  /** Dropped lines that the log has not been told of yet. */
  private untold = 0
  private trouble: string | null = null
  private running: Promise<void> | null = null
  private wake: (() => void) | null = null
  private isHurried = false

  constructor(parts: SinkQueueParts) {
    this.parts = parts
  }

  /** Takes a batch; `done` is called when it is no longer needed, whatever became of it. */
  push(batch: LogBatch, done: (batch: LogBatch) => void): void {
    if (this.waiting.length === 0) this.since = this.parts.now()
    this.waiting.push({ batch, done })
    this.waitingBytes += batch.size
    if (this.waitingBytes >= this.parts.gathering.mostBytes) this.wake?.()
    this.running ??= this.run()
  }

  /** Counts lines that workers have dropped. */
  countDropped(lines: number): void {
    this.droppedLines += lines
    this.untold += lines
  }

  /** Writes all that waits without gathering more of it, tells of what was dropped, and lets go of files and connections. */
  async close(): Promise<void> {
    this.isHurried = true
    this.wake?.()
    await this.running
    if (this.untold > 0) await this.writeSome([])
    this.isHurried = false
    await this.parts.writer.close()
  }

  reopen(): void {
    this.parts.writer.reopen?.()
  }

  status(): SinkStatus {
    const { owner, name: sink } = this.parts
    const { lines, bytes, droppedLines, trouble } = this
    return { owner, sink, lines, bytes, droppedLines, trouble }
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.gather()
      await this.writeSome(this.takeSome())
    }
    this.running = null
  }

  /** Waits until there is enough to write, or the first has waited long enough. */
  private async gather(): Promise<void> {
    const { gathering, now } = this.parts
    const left = this.since + gathering.lingerMs - now()
    if (left <= 0 || this.isHurried || this.waitingBytes >= gathering.mostBytes) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, left)
    this.wake = resolve
    await promise
    clearTimeout(timer)
    this.wake = null
  }

  private takeSome(): Waiting[] {
    const { mostBytes } = this.parts.gathering
    const taken: Waiting[] = []
    let size = 0
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      if (taken.length > 0 && size + next.batch.size > mostBytes) break
      size += next.batch.size
      taken.push(next)
      this.waiting.shift()
    }
    this.waitingBytes -= size
    this.since = this.parts.now()
    return taken
  }

  private async writeSome(taken: readonly Waiting[]): Promise<void> {
    const given = taken.map(
      ({ batch }): Lines => ({ bytes: Buffer.from(batch.buffer, 0, batch.size), count: batch.lines }),
    )
    const told = this.untold
    const all = told === 0 ? given : [this.tellDropped(told), ...given]
    const { lost, trouble } = await this.parts.writer.write(all)
    this.settle(given, all, told, Math.min(lost, countOf(all)), trouble)
    for (const { batch, done } of taken) done(batch)
  }

  private settle(
    given: readonly Lines[],
    all: readonly Lines[],
    told: number,
    lost: number,
    trouble: string | null,
  ): void {
    const count = countOf(given)
    // The line that tells of those that were dropped comes first, so it is lost only where all are.
    const isTold = lost < countOf(all)
    const lostOfGiven = Math.min(lost, count)
    if (isTold) this.untold -= told
    this.countDropped(lostOfGiven)
    this.lines += count - lostOfGiven
    if (lostOfGiven === 0) this.bytes += given.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.tellOfTrouble(trouble)
  }

  private tellDropped(lines: number): Lines {
    const { format, isMarked, now } = this.parts
    return { bytes: Buffer.from(`${isMarked ? '4' : ''}${droppedLine(format, now(), lines)}\n`, 'latin1'), count: 1 }
  }

  /** Says it once when a sink stops taking lines, and once when it does again. */
  private tellOfTrouble(trouble: string | null): void {
    const before = this.trouble
    this.trouble = trouble
    const label = `access log of ${this.parts.owner}, ${this.parts.name}`
    if (trouble !== null && before === null)
      this.parts.notice(
        `${label} stops`,
        `${label}: ${trouble}. Lines are dropped and counted until it is over; traffic goes on.`,
      )
    if (trouble === null && before !== null)
      this.parts.notice(
        `${label} goes on`,
        `${label}: takes lines again; ${this.droppedLines} were dropped since the program started.`,
      )
  }
}
