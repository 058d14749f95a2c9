import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { MessageChannel, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { monotonicMs } from '../lib/monotonic-clock.ts'
import { TimeWheel } from '../lib/time-wheel.ts'
import { createVault } from '../lib/vault.ts'
import { LineQueue } from './access-log/line-queue.ts'
import { LogOutlet } from './access-log/log-outlet.ts'
import { PoolReports } from './backend/backend-states.ts'
import { HealthChecks } from './backend/health-checks.ts'
import { Pools } from './backend/pool.ts'
import { askSystem, Resolver } from './backend/resolver.ts'
import { ENDED, type GatewayExchange } from './exchange.ts'
import { openConnection } from './first-bytes.ts'
import type { Challenges } from './front/challenges.ts'
import { Front, type FrontContext, PeerSet, type TakeBytes } from './front/front.ts'
import type { WorkerHealth } from './health.ts'
import type { ConnectionContext, FrontConnection } from './http1/connection.ts'
import { Admission } from './keys/admission.ts'
import type { PlanNews } from './keys/key-registry.ts'
import { SharedLimits } from './limits/shared-limits.ts'
import { Notices } from './notices.ts'
import type { Peer } from './peer.ts'
import { runFinishHandlers } from './pipeline.ts'
import { createLoadEnv } from './plugin-env.ts'
import type { WorkerCommand, WorkerReport, WorkerSettings } from './protocol.ts'
import { RecentRequests } from './recent/requests.ts'
import { isRequestQuestion, RequestTeller } from './recent/watch.ts'
import { type ServeContext, Server } from './serve.ts'
import { HostTable } from './table.ts'
import { Tracing } from './tracing.ts'
import { TrafficRecorder } from './traffic-recorder.ts'
import { WorkerStages } from './worker-stages.ts'
import { WorkerTls } from './worker-tls.ts'

/** One worker thread of the data plane: its own listening socket on the shared port, its own tables and connections. */

const RESOLUTION_MS = 100
const REPORT_MS = 1000
/** So often, and a quarter of a second for the store, a program that is killed loses less than what it was asked in its last second. */
const TRAFFIC_MS = 500

class Worker implements ServeContext, ConnectionContext, FrontContext {
  hosts = new HostTable([])
  health: WorkerHealth | null
  isDraining = false
  challenges: Challenges | null = null
  readonly httpsPort: number | null
  readonly server = new Server(this)
  readonly wheel = new TimeWheel(() => performance.now(), RESOLUTION_MS)
  readonly limits
  private readonly pools: Pools
  private readonly poolReports = new PoolReports()
  private readonly stages: WorkerStages
  private readonly tls: WorkerTls
  private readonly shared: SharedLimits
  private readonly keys: Admission
  private readonly notices = new Notices((message) => this.report({ type: 'notice', message }), Date.now)
  private readonly traffic = new TrafficRecorder((delta) => this.report({ type: 'traffic', delta }), Date.now)
  readonly tracing: Tracing | null
  private readonly recent: RecentRequests
  private readonly teller: RequestTeller
  private readonly front: Front
  private readonly connections = new Set<FrontConnection>()
  private readonly maxConnections: number
  private readonly trusted: PeerSet
  private readonly report: (report: WorkerReport, transfer?: MessagePort[]) => void
  private readonly lines: LineQueue
  private readonly logs: LogOutlet
  private requests = 0
  private underWay = 0

  constructor(settings: WorkerSettings, report: (report: WorkerReport, transfer?: MessagePort[]) => void) {
    this.report = report
    this.limits = settings.client
    this.httpsPort = settings.front.tls?.port ?? null
    this.health = settings.answersHealth === false ? null : 'ready'
    this.recent = new RecentRequests(settings.id, settings.recentRequests)
    this.teller = new RequestTeller(this.recent, report)
    this.lines = new LineQueue(this.recent, (error) => this.onFault(null, error))
    const openLogs = () => {
      const { port1, port2 } = new MessageChannel()
      report({ type: 'logs', port: port2 }, [port2])
      return port1
    }
    this.logs = new LogOutlet(openLogs, this.lines)
    this.shared = new SharedLimits(settings.limitMemory, settings.id)
    const vault = createVault(Buffer.from(settings.secretKey, 'base64'))
    this.keys = new Admission({ memory: settings.keyMemory, digest: vault.digest, now: Date.now })
    for (const plan of settings.plans) this.keys.setPlan(plan)
    const stageNumbers = new Map<string, number>()
    const env = createLoadEnv({
      vault,
      limits: this.shared,
      keysOf: (stageId) => this.keys.gate(stageNumbers.get(stageId) ?? 0),
      logsFor: () => this.logs.forStage(),
    })
    this.tracing = settings.tracing === undefined ? null : new Tracing(settings.tracing.sampling, settings.tracing.port)
    this.trusted = new PeerSet(settings.trustedProxies)
    this.maxConnections = settings.maxConnections
    this.pools = new Pools({
      wheel: this.wheel,
      limits: settings.backend,
      events: this.server,
      vault,
      permissions: settings.permissions,
      resolver: new Resolver(this.wheel, askSystem(settings.dnsServers)),
      healthMemory: settings.healthMemory,
      limitsOf: (name, most) => this.shared.placesOf(name, most),
      now: monotonicMs,
    })
    this.stages = new WorkerStages({
      pools: this.pools,
      env,
      notices: this.notices,
      // One worker of each process makes the checks for all.
      checks: settings.id === 0 ? new HealthChecks(this.wheel) : null,
      stageNumbers,
      onSwap: (hosts) => this.goBy(hosts),
    })
    this.stages.begin(settings)
    this.tls = new WorkerTls(settings, vault, (challenges) => {
      this.challenges = challenges
    })
    this.front = new Front(settings.front, this.tls.certificates, this)
    const { isPortShared } = settings
    // A Unix socket cannot be shared: the first worker has it.
    this.front.listen({ isPortShared, hasSocket: settings.id === 0 }).then(() => report({ type: 'ready' }))
    setInterval(() => {
      this.wheel.tick()
      this.traffic.turn()
    }, RESOLUTION_MS)
    setInterval(() => this.traffic.flush(), TRAFFIC_MS)
    setInterval(() => this.postCounts(), REPORT_MS)
  }

  execute(command: WorkerCommand): void {
    if (command.type === 'drain') return this.drain(command.timeoutMs)
    if (command.type === 'leave') return this.leave()
    if (isRequestQuestion(command)) return this.teller.take(command)
    let error: string | null = null
    try {
      if (command.type === 'plan') this.learn(command.news)
      else if (command.type === 'certificate') this.tls.learn(command.news)
      else if (command.type === 'publish') this.stages.publish(command.snapshot)
      else if (command.type === 'canary') this.stages.publishCanary(command.canary)
      else if (command.type === 'end-canary') this.stages.endCanary(command.stageId)
      else this.stages.withdraw(command.stageId)
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown)
    }
    this.report({ type: 'done', ticket: command.ticket, error })
  }

  isTrusted(address: string): boolean {
    return this.trusted.has(address)
  }

  hasRoom(): boolean {
    return this.connections.size + this.front.openings < this.maxConnections
  }

  open(socket: Socket, peer: Peer): TakeBytes {
    const connection = openConnection(socket, this, peer, this.connections)
    return (chunk, size) => connection.read(chunk, size)
  }

  authoritiesOf(host: string): readonly string[] {
    return this.hosts.authoritiesOf(host)
  }

  isServed(host: string): boolean {
    return this.hosts.isServed(host)
  }

  onSettled(): void {
    if (this.isDraining) this.exitIfDone()
  }

  onClosed(connection: FrontConnection): void {
    this.connections.delete(connection)
    if (this.isDraining) this.exitIfDone()
  }

  onRequest(): void {
    this.requests++
    this.underWay++
  }

  /** The last step of a request: it is counted, its plugins are told, and what it held is given back. */
  onFinished(x: GatewayExchange, isAborted: boolean): void {
    this.underWay--
    if (x.times[ENDED] === 0) x.times[ENDED] = performance.now()
    x.isAborted = isAborted
    this.traffic.count(x, isAborted)
    const side = x.stageTable?.side ?? null
    if (side !== null) side.count(x, isAborted)
    if (x.route.finishHandlers !== null) runFinishHandlers(x, this.fault)
    if (x.breaker !== null) x.breakerCall?.finished()
    if (x.tries !== null) x.tries.finished()
    if (x.trace !== null) this.tracing?.finish(x, x.trace, isAborted)
    if (x.places.length > 0) this.releasePlaces(x.places)
    // Last, when all have asked for its id who want to know it.
    const caller = this.recent.record(x)
    if (x.lineMaker !== null) this.lines.add(x, x.lineMaker, caller)
  }

  onFault(_x: unknown, error: unknown): void {
    this.report({ type: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }

  private readonly fault = (x: GatewayExchange, error: unknown): void => this.onFault(x, error)

  private releasePlaces(places: number[]): void {
    for (const place of places) this.shared.places.release(place)
    places.length = 0
  }

  private learn(news: PlanNews): void {
    if ('set' in news) this.keys.setPlan(news.set)
    else this.keys.dropPlan(news.drop)
  }

  /** From the next request on, everything goes by these tables. */
  private goBy(hosts: HostTable): void {
    this.hosts = hosts
    this.logs.retain(new Set(hosts.tables.flatMap((table) => [...table.sinks])))
  }

  private postCounts(): void {
    this.tracing?.flush()
    const { plugins, sides } = this.stages.take(this.connections)
    const { heapUsed: heapUsedBytes } = process.memoryUsage()
    const { requests, underWay } = this
    const targets = this.poolReports.take(this.pools.all())
    const { size: connections } = this.connections
    let webSockets = 0
    for (const { isTunnel } of this.connections) if (isTunnel === true) webSockets++
    this.report({ type: 'counts', connections, webSockets, requests, underWay, heapUsedBytes, plugins, targets, sides })
  }

  /** Goes on, but tells who asks that it will not for long. */
  private leave(): void {
    if (this.health !== null) this.health = 'leaving'
  }

  private drain(timeoutMs: number): void {
    this.leave()
    this.isDraining = true
    this.front.close()
    for (const connection of this.connections) connection.drain()
    this.exitIfDone()
    setTimeout(() => this.exit(), timeoutMs)
  }

  private exitIfDone(): void {
    if (this.connections.size + this.front.openings === 0) this.exit()
  }

  private exit(): void {
    this.pools.close()
    this.traffic.flush()
    this.postCounts()
    this.logs.flush()
    process.exit(0)
  }
}

if (parentPort !== null) {
  const port = parentPort
  const worker = new Worker(workerData as WorkerSettings, (report, transfer = []) => port.postMessage(report, transfer))
  port.on('message', (command: WorkerCommand) => worker.execute(command))
}
