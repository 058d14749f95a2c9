import type { MessagePort } from 'node:worker_threads'
import { createVault } from '../lib/vault.ts'
import type { BackendState } from '../model/backend-state.ts'
import type { CanaryTerms, SideComparison } from '../model/canary.ts'
import type { LiveCertificate } from '../model/certificate.ts'
import type { AcmeChallenge } from '../model/managed-certificate.ts'
import type { Sampling } from '../model/span.ts'
import type { TrafficDelta } from '../model/traffic.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { LogService } from './access-log/log-service.ts'
import { BackendStates } from './backend/backend-states.ts'
import { type FrontPlan, openFront } from './front/addresses.ts'
import type { FrontSettings } from './front/front.ts'
import { KeyRegistry } from './keys/key-registry.ts'
import { createLimitMemory, SharedLimits } from './limits/shared-limits.ts'
import { PluginCounters } from './plugin-counters.ts'
import type { FrozenSnapshot, WorkerReport, WorkerSettings } from './protocol.ts'
import { RequestWatch } from './recent/watch.ts'
import { TotalsOfRoutes } from './route-totals.ts'
import { LiveStages } from './supervision/live-stages.ts'
import { type LiveCertificates, LiveTls } from './supervision/live-tls.ts'
import { statusOf, vitalsOf } from './supervision/standing.ts'
import { Turns } from './supervision/turns.ts'
import { type ThreadStart, WorkerThreads } from './supervision/worker-threads.ts'

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

const NO_CERTIFICATES: LiveCertificates = { all: [], authority: null }

/** How long access logs may take to write what is left, when all workers have ended. */
const LOG_STOP_MS = 5_000

/** How often shared tables are looked after. */
const MAINTENANCE_MS = 1_000

/**
 * The data plane of this process, as the control plane knows it. What it is made of is in `supervision/`; here the parts meet, and
 * what workers say finds who it is for.
 */
export class Supervisor {
  readonly node: { readonly id: string; readonly name: string }
  /** What is known of the targets of backends. */
  readonly targets = new BackendStates()
  /** API keys and usage plans. */
  readonly keys: KeyRegistry
  /** The last requests of all workers. */
  readonly requests: RequestWatch
  private readonly settings: GatewaySettings
  private readonly log: GatewayLog
  private readonly onTraffic: (delta: TrafficDelta) => void
  private readonly spans: SpanCollector | null
  private readonly threads: WorkerThreads
  private readonly stages: LiveStages
  private readonly tls: LiveTls
  private readonly logs: LogService
  private readonly limitMemory
  private readonly routeTotals = new TotalsOfRoutes()
  private readonly pluginCounts = new PluginCounters()
  /** Where it listens; known once it does. */
  private front: FrontSettings | null = null

  /** `onTraffic` is given what workers have counted, twice a second each; `spans`, where there is one, what they record. */
  constructor(
    { node, ...settings }: GatewaySettings & { node: Supervisor['node'] },
    log: GatewayLog,
    onTraffic: (delta: TrafficDelta) => void = () => undefined,
    spans: SpanCollector | null = null,
  ) {
    this.node = node
    this.settings = settings
    this.log = log
    this.onTraffic = onTraffic
    this.spans = spans
    this.limitMemory = createLimitMemory(settings.workers)
    const threads = new WorkerThreads({
      startOf: (id) => this.startOf(id),
      onReport: (id, report) => this.onReport(id, report),
      onGone: (id) => this.onGone(id),
      log,
    })
    const turns = new Turns()
    this.threads = threads
    this.keys = new KeyRegistry({
      maxKeys: settings.maxKeys,
      digest: createVault(Buffer.from(settings.secretKey, 'base64')).digest,
      now: Date.now,
      tell: async (news) => {
        const failures = await threads.tellAll((ticket) => ({ type: 'plan', ticket, news }))
        if (failures.length > 0) throw new Error(failures.join('; '))
      },
    })
    const { keys, targets } = this
    this.stages = new LiveStages({ threads, turns, keys, targets, permissions: settings.permissions })
    this.tls = new LiveTls({ threads, turns, log })
    this.logs = new LogService(settings.logFolder, (message) => log.warn(message))
    this.requests = new RequestWatch(
      () => threads.count,
      (worker, question) => threads.tell(worker, question),
    )
  }

  /** Starts all workers on `snapshots`. Resolves when each accepts connections. Throws `GatewayUnavailable` if a port cannot be had. */
  async start(
    snapshots: readonly FrozenSnapshot[],
    certificates: LiveCertificates = NO_CERTIFICATES,
    canaries: readonly { readonly snapshot: FrozenSnapshot; readonly terms: CanaryTerms }[] = [],
  ): Promise<void> {
    this.front = await openFront(this.settings.front, this.log)
    this.tls.begin(certificates)
    this.stages.begin(snapshots, canaries)
    await this.threads.start(this.settings.workers)
    setInterval(() => this.keys.maintain(), MAINTENANCE_MS).unref()
    this.tls.rotateKeys()
  }

  /**
   * Makes a snapshot live on every worker. If any of them refuses it, what ran before is put back on all and the
   * promise rejects with the reason. The canary of the stage, if there is one, ends with it.
   */
  publish(frozen: FrozenSnapshot): Promise<void> {
    return this.stages.publish(frozen)
  }

  /** Takes a stage off all workers. */
  withdraw(stageId: string): Promise<void> {
    return this.stages.withdraw(stageId)
  }

  /** Starts a canary on every worker, or changes the share of the one that runs. If any of them refuses, it is as before. */
  publishCanary(frozen: FrozenSnapshot, terms: CanaryTerms): Promise<void> {
    return this.stages.publishCanary(frozen, terms)
  }

  /** Ends the canary of a stage: all of its callers are served by what is live. */
  withdrawCanary(stageId: string): Promise<void> {
    return this.stages.withdrawCanary(stageId)
  }

  /** What both sides of a stage have done since its canary started, or this process did; null if none runs. */
  sides(stageId: string): SideComparison | null {
    return this.stages.sides(stageId)
  }

  /** Puts a certificate in, or in the place of its former self. Resolves when every worker has it; if one refuses, nothing has changed. */
  putCertificate(certificate: LiveCertificate): Promise<void> {
    return this.tls.put(certificate)
  }

  /** Takes a certificate off all workers. */
  removeCertificate(id: string): Promise<void> {
    return this.tls.remove(id)
  }

  /** Has every worker answer an authority that looks whether a name is ours. A worker that dies meanwhile is asked in vain: it is tried again. */
  showChallenge(challenge: AcmeChallenge): Promise<void> {
    return this.tls.showChallenge(challenge)
  }

  hideChallenge(challenge: AcmeChallenge): Promise<void> {
    return this.tls.hideChallenge(challenge)
  }

  /** Where it listens. Only after `start`. */
  get listening(): FrontSettings {
    if (this.front === null) throw new Error('the gateway has not been started')
    return this.front
  }

  /** Workers, what is live, and the counts since the process started. */
  status() {
    return statusOf(this.standing)
  }

  /** What there is to measure at this moment, beside traffic. */
  vitals() {
    return vitalsOf(this.standing)
  }

  /** The targets of a live stage, backend by backend, and how they are; none if the stage is not live. */
  backends(stageId: string): BackendState[] {
    return this.stages.backends(stageId)
  }

  /** Another number whenever something else is live. */
  get liveVersion(): number {
    return this.stages.version
  }

  liveSnapshots(): Snapshot[] {
    return this.stages.all.map(({ snapshot }) => snapshot)
  }

  /** How many workers serve, of how many. */
  get readiness(): { readonly ready: number; readonly workers: number } {
    const { all } = this.threads
    return { ready: all.filter(({ state }) => state === 'ready').length, workers: all.length }
  }

  /** Has the workers tell who asks after their health that they are about to end. They go on for now. */
  leave(): void {
    this.threads.leave()
  }

  /** Lets requests under way finish, for at most `timeoutMs`, then ends all workers. */
  async stop(timeoutMs: number): Promise<void> {
    await this.threads.stop(timeoutMs)
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
    await this.threads.kill(id)
  }

  private get standing() {
    const { threads, stages, keys, targets, logs, limits, routeTotals, pluginCounts } = this
    return { threads, stages, keys, targets, logs, limits, routeTotals, pluginCounts }
  }

  private limitsOf(worker: number): SharedLimits {
    return new SharedLimits(this.limitMemory, worker)
  }

  private startOf(id: number): ThreadStart {
    const { limitMemory, spans } = this
    const { memory: keyMemory, planValues: plans } = this.keys
    const { workers, maxKeys: _, logFolder: __, front: ___, ...settings } = this.settings
    const whole: WorkerSettings = {
      ...settings,
      ...this.stages.atStart(),
      id,
      front: this.listening,
      certificates: this.tls.atStart(),
      limitMemory,
      keyMemory,
      healthMemory: this.targets.memory,
      plans,
      isPortShared: workers > 1,
    }
    if (spans === null) return { settings: whole, ports: [] }
    const tracing = { sampling: spans.sampling, port: spans.openPort() }
    return { settings: { ...whole, tracing }, ports: [tracing.port] }
  }

  /** What a worker says, as far as it is not of the worker itself. */
  private onReport(id: number, report: WorkerReport): void {
    switch (report.type) {
      case 'ready':
        return this.requests.rejoin(id)
      case 'counts':
        for (const { routeId, plugin, events } of report.plugins) this.pluginCounts.add(routeId, plugin, events)
        this.targets.take(id, report.targets)
        for (const { stageId, counts } of report.sides) this.stages.addSides(stageId, counts)
        return
      case 'traffic':
        this.routeTotals.add(report.delta)
        return this.onTraffic(report.delta)
      case 'requests':
        return this.requests.onAnswer(report)
      case 'logs':
        return this.logs.connect(report.port)
      case 'notice':
        return this.log.warn(report.message)
      case 'fault':
        return this.log.error(`gateway worker ${id}: ${report.message}`)
      case 'done':
    }
  }

  private onGone(id: number): void {
    this.limitsOf(id).places.releaseAll()
    this.targets.onWorkerGone(id)
  }
}
