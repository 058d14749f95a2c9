import { type MessagePort, Worker } from 'node:worker_threads'
import type { WorkerCommand, WorkerReport, WorkerSettings } from '../protocol.ts'

type WorkerState = 'starting' | 'ready' | 'draining' | 'dead'

/** What is known of a worker. */
interface Member {
  readonly id: number
  thread: Worker
  state: WorkerState
  startedAt: Date
  restarts: number
  connections: number
  webSockets: number
  /** Requests of this thread, and of those that it replaced. */
  requests: number
  earlierRequests: number
  underWay: number
  heapUsedBytes: number
  /** How long the event loop of this thread was not idle, and those of the threads before it. */
  activeMs: number
  earlierActiveMs: number
  /** Answers that are awaited of it, by ticket. */
  readonly waiting: Map<number, (error: string | null) => void>
  whenReady: PromiseWithResolvers<void>
}

/** How a worker does. */
export interface WorkerStanding
  extends Readonly<
    Pick<
      Member,
      | 'id'
      | 'state'
      | 'startedAt'
      | 'restarts'
      | 'connections'
      | 'webSockets'
      | 'requests'
      | 'underWay'
      | 'heapUsedBytes'
      | 'activeMs'
    >
  > {}

/** What a thread is started with. */
export interface ThreadStart {
  readonly settings: WorkerSettings
  /** Ports that go with them. */
  readonly ports: readonly MessagePort[]
}

/** What threads are started with, and who hears of them. */
export interface ThreadParts {
  /** All that a worker begins with, as it is at that moment: one that takes the place of another has missed nothing. */
  readonly startOf: (id: number) => ThreadStart
  /** Is told all that a worker says. */
  readonly onReport: (id: number, report: WorkerReport) => void
  /** A worker has ended, whether it was to or not. */
  readonly onGone: (id: number) => void
  readonly log: { warn(message: string): void; error(message: string): void }
}

const WORKER = new URL('../worker.ts', import.meta.url)

/** A worker that dies at once is started again, but not in a tight loop. */
const RESTART_DELAY_MS = 250
/** One that ran this long died of something new, and is started again at once. */
const HEALTHY_AFTER_MS = 5_000

/** The lives of the worker threads: starts them, starts those that die again, and is the way to them. */
export class WorkerThreads {
  private readonly parts: ThreadParts
  private readonly members: Member[] = []
  private lastTicket = 0
  private isStopping = false

  constructor(parts: ThreadParts) {
    this.parts = parts
  }

  /** Starts so many. Resolves when each accepts connections. */
  async start(count: number): Promise<void> {
    for (let id = 0; id < count; id++) this.members.push(this.newMember(id))
    await Promise.all(this.members.map((member) => member.whenReady.promise))
  }

  get count(): number {
    return this.members.length
  }

  /** How each of them does. */
  get all(): WorkerStanding[] {
    return this.members.map(
      ({ thread: _, waiting: __, whenReady: ___, earlierRequests, earlierActiveMs, ...member }) => ({
        ...member,
        requests: member.requests + earlierRequests,
        activeMs: member.activeMs + earlierActiveMs,
      }),
    )
  }

  /** Tells all of them, and waits for each. Returns what those that have failed say. */
  async tellAll(command: (ticket: number) => WorkerCommand): Promise<string[]> {
    const answers = await Promise.all(
      this.members.map((member) => {
        const ticket = ++this.lastTicket
        const { promise, resolve } = Promise.withResolvers<string | null>()
        member.waiting.set(ticket, resolve)
        member.thread.postMessage(command(ticket))
        return promise.then((error) => (error === null ? null : `worker ${member.id}: ${error}`))
      }),
    )
    return answers.filter((answer) => answer !== null)
  }

  /** Tells one of them, if it is there, what needs no answer. */
  tell(id: number, command: WorkerCommand): void {
    this.members[id]?.thread.postMessage(command)
  }

  /** Has them tell who asks after their health that they are about to end. They go on for now. */
  leave(): void {
    for (const { id } of this.members) this.tell(id, { type: 'leave' })
  }

  /** Lets requests under way finish, for at most `timeoutMs`, then ends all of them. */
  async stop(timeoutMs: number): Promise<void> {
    this.isStopping = true
    await Promise.all(
      this.members.map(async (member) => {
        if (member.state === 'dead') return
        member.state = 'draining'
        const ended = new Promise<void>((resolve) => member.thread.once('exit', () => resolve()))
        this.tell(member.id, { type: 'drain', timeoutMs })
        await ended
      }),
    )
  }

  /** Ends one at once, as a crash would. */
  async kill(id: number): Promise<void> {
    await this.members[id]?.thread.terminate()
  }

  private newMember(id: number): Member {
    const member: Member = {
      id,
      thread: this.startThread(id),
      state: 'starting',
      startedAt: new Date(),
      restarts: 0,
      connections: 0,
      webSockets: 0,
      requests: 0,
      earlierRequests: 0,
      underWay: 0,
      heapUsedBytes: 0,
      activeMs: 0,
      earlierActiveMs: 0,
      waiting: new Map(),
      whenReady: Promise.withResolvers(),
    }
    this.attend(member)
    return member
  }

  private startThread(id: number): Worker {
    const { settings, ports } = this.parts.startOf(id)
    return new Worker(WORKER, { workerData: settings, transferList: [...ports], name: `gateway-${id}` })
  }

  private attend(member: Member): void {
    const { thread } = member
    thread.on('message', (report: WorkerReport) => {
      keep(member, report)
      this.parts.onReport(member.id, report)
    })
    thread.on('error', (error) =>
      this.parts.log.error(
        `gateway worker ${member.id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
    )
    thread.on('exit', () => this.onExit(member))
  }

  private onExit(member: Member): void {
    // Who waits for one that has never been ready waits for the next.
    if (member.state !== 'starting') member.whenReady = Promise.withResolvers()
    member.state = 'dead'
    member.connections = 0
    member.webSockets = 0
    member.earlierRequests += member.requests
    member.requests = 0
    member.underWay = 0
    member.earlierActiveMs += member.activeMs
    member.activeMs = 0
    this.parts.onGone(member.id)
    if (this.isStopping) return
    this.parts.log.warn(`gateway worker ${member.id} has ended and is started again`)
    const delay = Date.now() - member.startedAt.getTime() > HEALTHY_AFTER_MS ? 0 : RESTART_DELAY_MS
    setTimeout(() => this.restart(member), delay)
  }

  private restart(member: Member): void {
    if (this.isStopping) return
    member.restarts++
    member.startedAt = new Date()
    member.state = 'starting'
    member.thread = this.startThread(member.id)
    this.attend(member)
    // The new thread has begun with all that is live, so whoever waited for the old one has what they waited for.
    const waiting = [...member.waiting.values()]
    member.waiting.clear()
    member.whenReady.promise.then(() => {
      for (const settle of waiting) settle(null)
    })
  }
}

/** Keeps of a report what it says of the worker itself. */
function keep(member: Member, report: WorkerReport): void {
  if (report.type === 'ready') {
    member.state = 'ready'
    member.whenReady.resolve()
  } else if (report.type === 'done') {
    member.waiting.get(report.ticket)?.(report.error)
    member.waiting.delete(report.ticket)
  } else if (report.type === 'counts') {
    member.connections = report.connections
    member.webSockets = report.webSockets
    member.requests = report.requests
    member.underWay = report.underWay
    member.heapUsedBytes = report.heapUsedBytes
    member.activeMs = member.thread.performance.eventLoopUtilization().active
  }
}
