import type { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { TimeWheel } from '../lib/time-wheel.ts'
import { createVault, type Vault } from '../lib/vault.ts'
import type { AcmeChallenge } from '../model/managed-certificate.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { Pools } from './backend/pool.ts'
import type { RouteCounts } from './counters.ts'
import type { GatewayExchange } from './exchange.ts'
import { Certificates } from './front/certificates.ts'
import { Challenges } from './front/challenges.ts'
import { Front, type FrontContext, PeerSet } from './front/front.ts'
import { ClientConnection, type ConnectionContext } from './http1/connection.ts'
import { Admission } from './keys/admission.ts'
import type { PlanNews } from './keys/key-registry.ts'
import { SharedLimits } from './limits/shared-limits.ts'
import { Notices } from './notices.ts'
import type { Peer } from './peer.ts'
import { createLoadEnv, type LoadEnv } from './plugin-env.ts'
import type { CertificateNews, PublishedSnapshot, WorkerCommand, WorkerReport, WorkerSettings } from './protocol.ts'
import { type ServeContext, Server } from './serve.ts'
import { buildStage, HostTable, type StageTable } from './table.ts'

/** One worker thread of the data plane: its own listening socket on the shared port, its own tables and connections. */

const RESOLUTION_MS = 100
const REPORT_MS = 1000

class Worker implements ServeContext, ConnectionContext, FrontContext {
  hosts = new HostTable([])
  isDraining = false
  challenges: Challenges | null = null
  readonly httpsPort: number | null
  readonly server = new Server(this)
  readonly wheel = new TimeWheel(() => performance.now(), RESOLUTION_MS)
  readonly limits
  private readonly vault: Vault
  private readonly pools: Pools
  private readonly env: LoadEnv
  private readonly shared: SharedLimits
  private readonly keys: Admission
  /** The numbers that stages have in the table of keys. */
  private readonly stageNumbers = new Map<string, number>()
  private readonly notices = new Notices((message) => this.report({ type: 'notice', message }), Date.now)
  private readonly front: Front
  private readonly certificates: Certificates | null
  private readonly connections = new Set<ClientConnection>()
  private readonly maxConnections: number
  private readonly trusted: PeerSet
  private readonly report: (report: WorkerReport) => void
  /** Counters of stages that were replaced since the last report: their last requests may still be under way. */
  private retired: StageTable[] = []
  private requests = 0

  constructor(settings: WorkerSettings, report: (report: WorkerReport) => void) {
    this.report = report
    this.limits = settings.client
    this.httpsPort = settings.front.tls?.port ?? null
    this.shared = new SharedLimits(settings.limitMemory, settings.id)
    const vault = createVault(Buffer.from(settings.secretKey, 'base64'))
    this.vault = vault
    this.keys = new Admission({ memory: settings.keyMemory, digest: vault.digest, now: Date.now })
    for (const plan of settings.plans) this.keys.setPlan(plan)
    this.env = createLoadEnv({
      vault,
      limits: this.shared,
      keysOf: (stageId) => this.keys.gate(this.stageNumbers.get(stageId) ?? 0),
    })
    this.trusted = new PeerSet(settings.trustedProxies)
    this.maxConnections = settings.maxConnections
    this.pools = new Pools(this.wheel, settings.backend, this.server)
    this.hosts = new HostTable(settings.snapshots.map((snapshot) => this.build(snapshot)))
    this.certificates = loadCertificates(settings, vault)
    this.front = new Front(settings.front, this.certificates, this)
    const { isPortShared } = settings
    // A Unix socket cannot be shared: the first worker has it.
    this.front.listen({ isPortShared, hasSocket: settings.id === 0 }).then(() => report({ type: 'ready' }))
    setInterval(() => this.wheel.tick(), RESOLUTION_MS)
    setInterval(() => this.postCounts(), REPORT_MS)
  }

  execute(command: WorkerCommand): void {
    if (command.type === 'drain') return this.drain(command.timeoutMs)
    let error: string | null = null
    try {
      if (command.type === 'plan') this.learn(command.news)
      else if (command.type === 'certificate') this.learnCertificate(command.news)
      else if (command.type === 'publish') this.swap(this.hosts.with(this.build(command.snapshot)))
      else this.swap(this.hosts.without(command.stageId))
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

  open(socket: Socket, peer: Peer): ClientConnection {
    const connection = new ClientConnection(socket, this, peer)
    this.connections.add(connection)
    return connection
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

  onClosed(connection: ClientConnection): void {
    this.connections.delete(connection)
    if (this.isDraining) this.exitIfDone()
  }

  onRequest(): void {
    this.requests++
  }

  /** The last step of a request: it is counted, its plugins are told, and what it held is given back. */
  onFinished(x: GatewayExchange, isAborted: boolean): void {
    x.stageTable?.counters.count(x.route.index, x.response.status, x.error !== null, isAborted)
    const { finishHandlers } = x.route
    if (finishHandlers !== null) for (const handler of finishHandlers) handler(x)
    if (x.places.length > 0) this.releasePlaces(x.places)
  }

  onFault(_x: unknown, error: unknown): void {
    this.report({ type: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }

  private releasePlaces(places: number[]): void {
    for (const place of places) this.shared.places.release(place)
    places.length = 0
  }

  private build({ hash, json, stageNumber }: PublishedSnapshot): StageTable {
    // Only snapshots that control has compiled, in the format of this version, come this way.
    const snapshot = JSON.parse(json) as Snapshot
    this.stageNumbers.set(snapshot.stage.id, stageNumber)
    return buildStage(hash, snapshot, this.pools, this.env, this.notices)
  }

  private learn(news: PlanNews): void {
    if ('set' in news) this.keys.setPlan(news.set)
    else this.keys.dropPlan(news.drop)
  }

  private learnCertificate(news: CertificateNews): void {
    if ('put' in news) this.certificates?.put(news.put)
    else if ('remove' in news) this.certificates?.remove(news.remove)
    else if ('ticketKeys' in news) this.certificates?.setTicketKeys(Buffer.from(news.ticketKeys, 'base64'))
    else this.learnChallenge(news)
  }

  private learnChallenge(news: { readonly show: AcmeChallenge } | { readonly hide: AcmeChallenge }): void {
    const challenges = this.challenges ?? new Challenges()
    if ('show' in news) challenges.show(news.show, this.vault)
    else challenges.hide(news.hide)
    this.challenges = challenges.isEmpty ? null : challenges
  }

  /** Puts the new table in place: from the next request on, everything goes by it. */
  private swap(next: HostTable): void {
    const kept = new Set(next.stages)
    this.retired.push(...this.hosts.stages.filter((table) => !kept.has(table)))
    this.hosts = next
    this.pools.retain(new Set(next.stages.flatMap((table) => table.targets)))
  }

  private postCounts(): void {
    const tables = [...this.hosts.stages, ...this.retired]
    const routes: RouteCounts[] = tables.flatMap((table) => table.counters.take())
    const plugins = tables.flatMap((table) => table.pluginCounters.take())
    this.retired = this.retired.filter((table) => [...this.connections].some((connection) => connection.serves(table)))
    const { heapUsed: heapUsedBytes } = process.memoryUsage()
    const { requests } = this
    this.report({ type: 'counts', connections: this.connections.size, requests, heapUsedBytes, routes, plugins })
  }

  private drain(timeoutMs: number): void {
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
    this.postCounts()
    process.exit(0)
  }
}

function loadCertificates({ front, certificates }: WorkerSettings, vault: Vault): Certificates | null {
  if (front.tls === null) return null
  const { all, authority, ticketKeys } = certificates
  const loaded = new Certificates(front.tls, Buffer.from(ticketKeys, 'base64'), vault, Date.now)
  loaded.load(all, authority)
  return loaded
}

if (parentPort !== null) {
  const port = parentPort
  const worker = new Worker(workerData as WorkerSettings, (report) => port.postMessage(report))
  port.on('message', (command: WorkerCommand) => worker.execute(command))
}
