import { randomBytes } from 'node:crypto'
import { type MessagePort, Worker } from 'node:worker_threads'
import { createVault } from '../lib/vault.ts'
import type { BackendState } from '../model/backend-state.ts'
import type { CanaryTerms, SideComparison } from '../model/canary.ts'
import type { LiveCertificate } from '../model/certificate.ts'
import type { AcmeChallenge } from '../model/managed-certificate.ts'
import type { Sampling } from '../model/span.ts'
import type { TrafficDelta } from '../model/traffic.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { LogService } from './access-log/log-service.ts'
import { assertAllowed, BackendStates } from './backend/backend-states.ts'
import { addSides, noSides } from './canary.ts'
import { type FrontPlan, openFront } from './front/addresses.ts'
import type { FrontSettings } from './front/front.ts'
import { KeyRegistry } from './keys/key-registry.ts'
import { createLimitMemory, SharedLimits } from './limits/shared-limits.ts'
import { PluginCounters } from './plugin-counters.ts'
import type {
  CertificateNews,
  CertificatesAtStart,
  FrozenSnapshot,
  PublishedCanary,
  PublishedSnapshot,
  WorkerCommand,
  WorkerReport,
  WorkerSettings,
} from './protocol.ts'
import { RequestWatch } from './request-watch.ts'
import { TotalsOfRoutes } from './route-totals.ts'

/** Settings of the data plane of one process. */
export interface GatewaySettings
  extends Omit<
    WorkerSettings,
    | 'id'
    | 'front'
    | 'isPortShared'
    | 'certificates'
    | 'snapshots'
    | 'canaries'
    | 'limitMemory'
    | 'keyMemory'
    | 'healthMemory'
    | 'plans'
    | 'tracing'
  > {
  readonly front: FrontPlan
  readonly workers: number
  /** How many API keys there is room for. */
  readonly maxKeys: number
  /** Folder below which access logs are files. */
  readonly logFolder: string
}

/** Takes what workers record of requests. */
export interface SpanCollector {
  readonly sampling: Sampling
  /** Makes a way to it, for one worker thread. */
  openPort(): MessagePort
}

/** What the program's log is told. */
export interface GatewayLog {
  warn(message: string): void
  error(message: string): void
}

type WorkerState = 'starting' | 'ready' | 'draining' | 'dead'

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

/** The certificates that there are at a start. */
export type LiveCertificates = Omit<CertificatesAtStart, 'ticketKeys' | 'formerTicketKeys'>

const NO_CERTIFICATES: LiveCertificates = { all: [], authority: null }

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

const WORKER = new URL('./worker.ts', import.meta.url)

/** A worker that dies at once is started again, but not in a tight loop. */
const RESTART_DELAY_MS = 250
/** One that ran this long died of something new, and is started again at once. */
const HEALTHY_AFTER_MS = 5_000

/** How long access logs may take to write what is left, when all workers have ended. */
const LOG_STOP_MS = 5_000

/** How often shared tables are looked after. */
const MAINTENANCE_MS = 1_000
/** How long session tickets are made with the same keys; they are taken as long again. What is recorded of TLS 1.2 is safe from then on. */
const TICKET_KEYS_MS = 6 * 3_600_000
const TICKET_KEY_BYTES = 48

/** The data plane of this process: starts the workers, keeps them alive, hands them snapshots and gathers their counts. */
export class Supervisor {
  readonly node: { readonly id: string; readonly name: string }
  private readonly settings: GatewaySettings
  private readonly log: GatewayLog
  /** What is live, by stage: a worker that starts later begins with it. */
  private readonly live = new Map<string, LiveSnapshot>()
  /** The canaries that run, by stage. */
  private readonly canaries = new Map<string, LiveCanary>()
  private readonly members: Member[] = []
  /** Where it listens; known once it does. */
  private front: FrontSettings | null = null
  private readonly certificates = new Map<string, LiveCertificate>()
  private authority: LiveCertificate | null = null
  private ticketKeys = newTicketKeys()
  private formerTicketKeys: string | null = null
  private readonly limitMemory
  /** What is known of the targets of backends. */
  readonly targets = new BackendStates()
  /** API keys and usage plans. */
  readonly keys: KeyRegistry
  private readonly routeTotals = new TotalsOfRoutes()
  private readonly onTraffic: (delta: TrafficDelta) => void
  private readonly spans: SpanCollector | null
  private readonly pluginCounts = new PluginCounters()
  private readonly logs: LogService
  /** The last requests of all workers. */
  readonly requests = new RequestWatch(
    () => this.members.length,
    (worker, question) => {
      const member = this.members[worker]
      if (member !== undefined) this.tell(member, question)
    },
  )
  private lastTicket = 0
  private isStopping = false
  /** Goes up whenever what is live changes. */
  private version = 0
  private readonly deployments = { complete: 0, failed: 0 }
  /** Changes of what is live go one after the other. */
  private turn: Promise<void> = Promise.resolve()

  /** `onTraffic` is given what workers have counted, twice a second each; `spans`, where there is one, what they record. */
  constructor(
    { node, ...settings }: GatewaySettings & { node: Supervisor['node'] },
    log: GatewayLog,
    onTraffic: (delta: TrafficDelta) => void = () => undefined,
    spans: SpanCollector | null = null,
  ) {
    this.onTraffic = onTraffic
    this.spans = spans
    this.node = node
    this.settings = settings
    this.limitMemory = createLimitMemory(settings.workers)
    const { digest } = createVault(Buffer.from(settings.secretKey, 'base64'))
    this.keys = new KeyRegistry({
      maxKeys: settings.maxKeys,
      digest,
      now: Date.now,
      tell: async (news) => {
        const failures = await this.tellAll((ticket) => ({ type: 'plan', ticket, news }))
        if (failures.length > 0) throw new Error(failures.join('; '))
      },
    })
    this.log = log
    this.logs = new LogService(settings.logFolder, (message) => log.warn(message))
  }

  /** Starts all workers on `snapshots`. Resolves when each accepts connections. Throws `GatewayUnavailable` if a port cannot be had. */
  async start(
    snapshots: readonly FrozenSnapshot[],
    { all, authority }: LiveCertificates = NO_CERTIFICATES,
    canaries: readonly { readonly snapshot: FrozenSnapshot; readonly terms: CanaryTerms }[] = [],
  ): Promise<void> {
    this.front = await openFront(this.settings.front, this.log)
    for (const certificate of all) this.certificates.set(certificate.id, certificate)
    this.authority = authority
    for (const frozen of snapshots) this.remember(parsed(frozen))
    for (const { snapshot, terms } of canaries) {
      const live = parsed(snapshot)
      this.canaries.set(live.snapshot.stage.id, { live, terms, sides: noSides })
    }
    for (let id = 0; id < this.settings.workers; id++) this.members.push(this.newMember(id))
    await Promise.all(this.members.map((member) => member.whenReady.promise))
    setInterval(() => this.keys.maintain(), MAINTENANCE_MS).unref()
    setInterval(() => this.rotateTicketKeys(), TICKET_KEYS_MS).unref()
  }

  /**
   * Makes a snapshot live on every worker. If any of them refuses it, what ran before is put back on all and the
   * promise rejects with the reason. The canary of the stage, if there is one, ends with it.
   */
  publish(frozen: FrozenSnapshot): Promise<void> {
    return this.inTurn(async () => {
      const after = parsed(frozen)
      const { stage, backends } = after.snapshot
      assertAllowed(backends, this.settings.permissions)
      const snapshot = this.published(after)
      const before = this.live.get(stage.id)
      this.remember(after)
      const failures = await this.tellAll((ticket) => ({ type: 'publish', ticket, snapshot }))
      this.deployments[failures.length === 0 ? 'complete' : 'failed']++
      if (failures.length === 0) {
        this.canaries.delete(stage.id)
        return this.forgetTargets()
      }
      if (before === undefined) this.forget(stage.id)
      else this.remember(before)
      await this.tellAll((ticket) =>
        before === undefined
          ? { type: 'withdraw', ticket, stageId: stage.id }
          : { type: 'publish', ticket, snapshot: this.published(before) },
      )
      await this.tellCanary(stage.id)
      this.forgetTargets()
      throw new Error(failures.join('; '))
    })
  }

  /** Takes a stage off all workers. */
  withdraw(stageId: string): Promise<void> {
    return this.inTurn(async () => {
      this.canaries.delete(stageId)
      if (!this.forget(stageId)) return
      const failures = await this.tellAll((ticket) => ({ type: 'withdraw', ticket, stageId }))
      this.forgetTargets()
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  /** Starts a canary on every worker, or changes the share of the one that runs. If any of them refuses, it is as before. */
  publishCanary(frozen: FrozenSnapshot, terms: CanaryTerms): Promise<void> {
    return this.inTurn(async () => {
      const live = parsed(frozen)
      const { stage, backends } = live.snapshot
      assertAllowed(backends, this.settings.permissions)
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
    return this.inTurn(async () => {
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

  /** Brings the canary of a stage to all workers as it is to be. */
  private tellCanary(stageId: string): Promise<string[]> {
    const canary = this.canaries.get(stageId)
    return this.tellAll((ticket) =>
      canary === undefined
        ? { type: 'end-canary', ticket, stageId }
        : { type: 'canary', ticket, canary: this.publishedCanary(canary) },
    )
  }

  private publishedCanary({ live, terms }: LiveCanary): PublishedCanary {
    return { snapshot: this.published(live), stageId: live.snapshot.stage.id, terms }
  }

  /** Puts a certificate in, or in the place of its former self. Resolves when every worker has it; if one refuses, nothing has changed. */
  putCertificate(certificate: LiveCertificate): Promise<void> {
    return this.inTurn(async () => {
      const { id } = certificate
      const before = this.certificates.get(id)
      this.certificates.set(id, certificate)
      const failures = await this.tellCertificate({ put: certificate })
      if (failures.length === 0) return
      if (before === undefined) this.certificates.delete(id)
      else this.certificates.set(id, before)
      await this.tellCertificate(before === undefined ? { remove: id } : { put: before })
      throw new Error(failures.join('; '))
    })
  }

  /** Takes a certificate off all workers. */
  removeCertificate(id: string): Promise<void> {
    return this.inTurn(async () => {
      if (!this.certificates.delete(id)) return
      const failures = await this.tellCertificate({ remove: id })
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  /** Has every worker answer an authority that looks whether a name is ours. A worker that dies meanwhile is asked in vain: it is tried again. */
  showChallenge(challenge: AcmeChallenge): Promise<void> {
    return this.inTurn(async () => {
      const failures = await this.tellCertificate({ show: challenge })
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  hideChallenge(challenge: AcmeChallenge): Promise<void> {
    return this.inTurn(async () => {
      await this.tellCertificate({ hide: challenge })
    })
  }

  /** Where it listens. Only after `start`. */
  get listening(): FrontSettings {
    if (this.front === null) throw new Error('the gateway has not been started')
    return this.front
  }

  /** Workers, what is live, and the counts since the process started. */
  status() {
    const routes = Object.fromEntries(
      [...this.routeTotals.entries()].map(([id, totals]) => [id, { ...totals, plugins: this.pluginCounts.of(id) }]),
    )
    return {
      memory: memory(),
      workers: this.members.map(
        ({ id, state, startedAt, restarts, connections, webSockets, heapUsedBytes, ...counts }) => ({
          id,
          pid: process.pid,
          state,
          startedAt: startedAt.toISOString(),
          restarts,
          connections,
          webSockets,
          requests: counts.requests + counts.earlierRequests,
          heapUsedBytes,
        }),
      ),
      snapshots: [...this.live.values()].map(({ hash, snapshot: { stage, routes: all } }) => ({
        stageId: stage.id,
        service: stage.service,
        stage: stage.name,
        hash,
        routes: all.length,
        hosts: [...stage.hosts],
        prefix: stage.prefix?.path ?? null,
        backends: this.backends(stage.id),
        canary: this.canaryStatus(stage.id),
      })),
      requests: this.members.reduce((sum, { requests, earlierRequests }) => sum + requests + earlierRequests, 0),
      routes,
      accessLogs: this.logs.status(),
    }
  }

  private canaryStatus(stageId: string) {
    const canary = this.canaries.get(stageId)
    return canary === undefined ? null : { hash: canary.live.hash, share: canary.terms.share, sides: canary.sides }
  }

  /** The targets of a live stage, backend by backend, and how they are; none if the stage is not live. */
  backends(stageId: string): BackendState[] {
    return this.targets.of(this.live.get(stageId)?.snapshot.backends ?? {})
  }

  /** Another number whenever something else is live. */
  get liveVersion(): number {
    return this.version
  }

  liveSnapshots(): Snapshot[] {
    return Array.from(this.live.values(), ({ snapshot }) => snapshot)
  }

  /** What there is to measure at this moment, beside traffic. */
  vitals() {
    const { keys, limits, deployments } = this
    return {
      workers: this.members.map(
        ({ id, state, restarts, connections, webSockets, underWay, heapUsedBytes, ...member }) => ({
          id,
          state,
          restarts,
          connections,
          webSockets,
          underWay,
          requests: member.requests + member.earlierRequests,
          heapUsedBytes,
          activeMs: member.activeMs + member.earlierActiveMs,
        }),
      ),
      deployments,
      keys: { size: keys.size, capacity: keys.capacity, plans: keys.planValues.length },
      limits: limits.fill,
      live: Array.from(this.live.values(), ({ hash, snapshot: { stage, routes } }) => ({
        service: stage.service,
        stage: stage.name,
        hash,
        routes: routes.length,
      })),
      plugins: this.pluginCounts.byPlugin(),
      accessLogs: this.logs.status(),
      targets: Array.from(this.live.values(), ({ snapshot: { stage, backends } }) =>
        this.targets
          .of(backends)
          .flatMap(({ name: backend, targets }) =>
            targets.map((state) => ({ service: stage.service, stage: stage.name, backend, ...state })),
          ),
      ).flat(),
    }
  }

  /** How many workers serve, of how many. */
  get readiness(): { readonly ready: number; readonly workers: number } {
    return { ready: this.members.filter(({ state }) => state === 'ready').length, workers: this.members.length }
  }

  /** Has the workers tell who asks after their health that they are about to end. They go on for now. */
  leave(): void {
    for (const member of this.members) this.tell(member, { type: 'leave' })
  }

  /** Lets requests under way finish, for at most `timeoutMs`, then ends all workers. */
  async stop(timeoutMs: number): Promise<void> {
    this.isStopping = true
    await Promise.all(
      this.members.map(async (member) => {
        if (member.state === 'dead') return
        member.state = 'draining'
        const ended = new Promise<void>((resolve) => member.thread.once('exit', () => resolve()))
        this.tell(member, { type: 'drain', timeoutMs })
        await ended
      }),
    )
    await this.logs.stop(LOG_STOP_MS)
  }

  /** Opens the files of access logs again, because somebody has moved them away. */
  reopenLogs(): void {
    this.logs.reopen()
  }

  /** The limits as the main thread sees them: to look, not to take. */
  get limits(): SharedLimits {
    return this.limitsOf(0)
  }

  /** Ends one worker at once, as a crash would; it is started again. For tests and for people who must. */
  async killWorker(id: number): Promise<void> {
    await this.members[id]?.thread.terminate()
  }

  private limitsOf(worker: number): SharedLimits {
    return new SharedLimits(this.limitMemory, worker)
  }

  private tellCertificate(news: CertificateNews): Promise<string[]> {
    return this.tellAll((ticket) => ({ type: 'certificate', ticket, news }))
  }

  private rotateTicketKeys(): Promise<void> {
    return this.inTurn(async () => {
      this.formerTicketKeys = this.ticketKeys
      this.ticketKeys = newTicketKeys()
      const failures = await this.tellCertificate({ ticketKeys: this.ticketKeys })
      if (failures.length > 0)
        this.log.error(`the keys of session tickets could not be changed: ${failures.join('; ')}`)
    })
  }

  private inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.turn.then(change)
    // The next in turn waits for this one, whatever became of it; whoever asked for this one is told.
    this.turn = done.catch(() => undefined)
    return done
  }

  private remember(live: LiveSnapshot): void {
    this.live.set(live.snapshot.stage.id, live)
    this.version++
  }

  private forget(stageId: string): boolean {
    this.version++
    return this.live.delete(stageId)
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
    const snapshots = [...this.live.values()].map((live) => this.published(live))
    const { limitMemory } = this
    const { memory: keyMemory, planValues: plans } = this.keys
    const { workers, maxKeys: _, logFolder: __, front: ___, ...settings } = this.settings
    const workerData: WorkerSettings = {
      ...settings,
      id,
      front: this.listening,
      certificates: {
        all: [...this.certificates.values()],
        authority: this.authority,
        ticketKeys: this.ticketKeys,
        formerTicketKeys: this.formerTicketKeys,
      },
      snapshots,
      canaries: [...this.canaries.values()].map((canary) => this.publishedCanary(canary)),
      limitMemory,
      keyMemory,
      healthMemory: this.targets.memory,
      plans,
      isPortShared: workers > 1,
    }
    const name = `gateway-${id}`
    if (this.spans === null) return new Worker(WORKER, { workerData, name })
    const tracing = { sampling: this.spans.sampling, port: this.spans.openPort() }
    return new Worker(WORKER, { workerData: { ...workerData, tracing }, transferList: [tracing.port], name })
  }

  private published({ hash, json, snapshot }: LiveSnapshot): PublishedSnapshot {
    const stageNumber = this.keys.stageNumber(snapshot.stage.id)
    return { hash, json, stageNumber, targetSlots: this.targets.slots.of(snapshot.backends) }
  }

  private addSides(stageId: string, counts: SideComparison): void {
    const canary = this.canaries.get(stageId)
    if (canary !== undefined) this.canaries.set(stageId, { ...canary, sides: addSides(canary.sides, counts) })
  }

  private forgetTargets(): void {
    const all = [...this.live.values(), ...[...this.canaries.values()].map(({ live }) => live)]
    this.targets.retain(all.map(({ snapshot }) => snapshot.backends))
  }

  private attend(member: Member): void {
    const { thread } = member
    thread.on('message', (report: WorkerReport) => this.onReport(member, report))
    thread.on('error', (error) =>
      this.log.error(
        `gateway worker ${member.id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
    )
    thread.on('exit', () => this.onExit(member))
  }

  private onReport(member: Member, report: WorkerReport): void {
    switch (report.type) {
      case 'ready':
        member.state = 'ready'
        member.whenReady.resolve()
        this.requests.rejoin(member.id)
        return
      case 'done':
        member.waiting.get(report.ticket)?.(report.error)
        member.waiting.delete(report.ticket)
        return
      case 'counts':
        member.connections = report.connections
        member.webSockets = report.webSockets
        member.requests = report.requests
        member.underWay = report.underWay
        member.heapUsedBytes = report.heapUsedBytes
        member.activeMs = member.thread.performance.eventLoopUtilization().active
        for (const { routeId, plugin, events } of report.plugins) this.pluginCounts.add(routeId, plugin, events)
        this.targets.take(member.id, report.targets)
        for (const { stageId, counts } of report.sides) this.addSides(stageId, counts)
        return
      case 'traffic':
        this.routeTotals.add(report.delta)
        this.onTraffic(report.delta)
        return
      case 'requests':
        this.requests.onAnswer(report)
        return
      case 'logs':
        this.logs.connect(report.port)
        return
      case 'notice':
        this.log.warn(report.message)
        return
      case 'fault':
        this.log.error(`gateway worker ${member.id}: ${report.message}`)
    }
  }

  private onExit(member: Member): void {
    member.state = 'dead'
    member.connections = 0
    member.webSockets = 0
    member.earlierRequests += member.requests
    member.requests = 0
    member.underWay = 0
    member.earlierActiveMs += member.activeMs
    member.activeMs = 0
    this.limitsOf(member.id).places.releaseAll()
    this.targets.onWorkerGone(member.id)
    if (this.isStopping) return
    this.log.warn(`gateway worker ${member.id} has ended and is started again`)
    const delay = Date.now() - member.startedAt.getTime() > HEALTHY_AFTER_MS ? 0 : RESTART_DELAY_MS
    setTimeout(() => this.restart(member), delay)
  }

  private restart(member: Member): void {
    if (this.isStopping) return
    member.restarts++
    member.startedAt = new Date()
    member.state = 'starting'
    member.whenReady = Promise.withResolvers()
    member.thread = this.startThread(member.id)
    this.attend(member)
    // The new thread has begun with all that is live, so whoever waited for the old one has what they waited for.
    const waiting = [...member.waiting.values()]
    member.waiting.clear()
    member.whenReady.promise.then(() => {
      for (const settle of waiting) settle(null)
    })
  }

  private async tellAll(command: (ticket: number) => WorkerCommand): Promise<string[]> {
    const answers = await Promise.all(
      this.members.map((member) => {
        const ticket = ++this.lastTicket
        const { promise, resolve } = Promise.withResolvers<string | null>()
        member.waiting.set(ticket, resolve)
        this.tell(member, command(ticket))
        return promise.then((error) => (error === null ? null : `worker ${member.id}: ${error}`))
      }),
    )
    return answers.filter((answer) => answer !== null)
  }

  private tell(member: Member, command: WorkerCommand): void {
    member.thread.postMessage(command)
  }
}

function parsed({ hash, json }: FrozenSnapshot): LiveSnapshot {
  // What comes here was frozen by snapshot/hash.ts.
  return { hash, json, snapshot: JSON.parse(json) as Snapshot }
}

/** Memory of the process: all of it, and the part of the main thread's JavaScript heap that is in use. */
function memory() {
  const { rss: residentBytes, heapUsed: heapUsedBytes } = process.memoryUsage()
  return { residentBytes, heapUsedBytes }
}

function newTicketKeys(): string {
  return randomBytes(TICKET_KEY_BYTES).toString('base64')
}
