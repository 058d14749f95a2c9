import type { MessagePort } from 'node:worker_threads'
import type { CanaryTerms, SideComparison } from '../model/canary.ts'
import type { LiveCertificate } from '../model/certificate.ts'
import type { AcmeChallenge } from '../model/managed-certificate.ts'
import type { Sampling } from '../model/span.ts'
import type { TrafficDelta } from '../model/traffic.ts'
import type { TargetReport } from './backend/backend-states.ts'
import type { BackendPermissions } from './backend/dial.ts'
import type { TargetSlots } from './backend/health-board.ts'
import type { BackendLimits } from './backend/pool.ts'
import type { FrontSettings } from './front/front.ts'
import type { ClientLimits } from './http1/connection.ts'
import type { KeyMemory } from './keys/key-memory.ts'
import type { PlanNews } from './keys/key-registry.ts'
import type { PlanValue } from './keys/live-plan.ts'
import type { LimitMemory } from './limits/shared-limits.ts'
import type { PluginCounts } from './plugin-counters.ts'
import type { RequestAnswer, RequestQuestion } from './recent/watch.ts'

/** What supervisor and workers say to one another. */

/** A snapshot on its way: its canonical JSON and the hash of that. */
export interface FrozenSnapshot {
  readonly hash: string
  readonly json: string
}

/** A snapshot for a worker, with the number that its stage has in the table of keys. */
export interface PublishedSnapshot extends FrozenSnapshot {
  readonly stageNumber: number
  /** Where the health of its targets is kept. */
  readonly targetSlots: TargetSlots
}

/** A snapshot that is to serve a share of its stage's callers, beside the one that is live. */
export interface PublishedCanary {
  readonly snapshot: PublishedSnapshot
  readonly stageId: string
  readonly terms: CanaryTerms
}

/** How a worker is to run; handed to it at its start. */
export interface WorkerSettings {
  readonly id: number
  readonly front: FrontSettings
  readonly isPortShared: boolean
  readonly certificates: CertificatesAtStart
  readonly client: ClientLimits
  readonly backend: BackendLimits
  readonly permissions: BackendPermissions
  /** Name servers in the place of the system's, as `address` or `address:port`; none for those. */
  readonly dnsServers: readonly string[]
  /** Addresses and CIDR ranges of proxies that may speak for clients, and `unix` for those on a Unix socket. */
  readonly trustedProxies: readonly string[]
  /** Whether `/livez` and `/readyz` are answered where no stage has the host; they are unless this is false. */
  readonly answersHealth?: boolean
  /** Which requests are recorded, and where what was recorded goes; absent where none are. */
  readonly tracing?: { readonly sampling: Sampling; readonly port: MessagePort }
  /** Connections of one worker; more are closed at once. */
  readonly maxConnections: number
  /** How many of its last requests a worker remembers. */
  readonly recentRequests: number
  /** The key of the secrets, in Base64. */
  readonly secretKey: string
  /** What all workers count together. */
  readonly limitMemory: LimitMemory
  readonly keyMemory: KeyMemory
  readonly healthMemory: SharedArrayBuffer
  readonly plans: readonly PlanValue[]
  readonly snapshots: readonly PublishedSnapshot[]
  readonly canaries: readonly PublishedCanary[]
}

/** What a worker needs for TLS when it starts. */
export interface CertificatesAtStart {
  readonly all: readonly LiveCertificate[]
  /** Vouches for names below the base domain that no certificate is for; null for nobody. */
  readonly authority: LiveCertificate | null
  /** The keys of session tickets, the same for all workers, in Base64. */
  readonly ticketKeys: string
  /** Those of before, whose tickets are still taken; null before the first change. */
  readonly formerTicketKeys: string | null
}

/** A change of the certificates. */
export type CertificateNews =
  | { readonly put: LiveCertificate }
  | { readonly remove: string }
  | { readonly ticketKeys: string }
  | { readonly show: AcmeChallenge }
  | { readonly hide: AcmeChallenge }

/** Supervisor to worker. `ticket` is given back with the answer. */
export type WorkerCommand =
  | { readonly type: 'publish'; readonly ticket: number; readonly snapshot: PublishedSnapshot }
  | { readonly type: 'withdraw'; readonly ticket: number; readonly stageId: string }
  | { readonly type: 'canary'; readonly ticket: number; readonly canary: PublishedCanary }
  | { readonly type: 'end-canary'; readonly ticket: number; readonly stageId: string }
  | { readonly type: 'plan'; readonly ticket: number; readonly news: PlanNews }
  | { readonly type: 'certificate'; readonly ticket: number; readonly news: CertificateNews }
  /** The program is about to end: whoever asks is told that the worker is not ready for more. */
  | { readonly type: 'leave' }
  | { readonly type: 'drain'; readonly timeoutMs: number }
  | RequestQuestion

/** Worker to supervisor. */
export type WorkerReport =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly ticket: number; readonly error: string | null }
  | {
      readonly type: 'counts'
      readonly connections: number
      /** Those of them that carry a WebSocket. */
      readonly webSockets: number
      readonly requests: number
      /** Requests that are not over. */
      readonly underWay: number
      /** Bytes of the thread's JavaScript heap that are in use. */
      readonly heapUsedBytes: number
      readonly plugins: readonly PluginCounts[]
      readonly targets: readonly TargetReport[]
      /** Of stages with a canary: what both sides have done since the last report. */
      readonly sides: readonly { readonly stageId: string; readonly counts: SideComparison }[]
    }
  | { readonly type: 'traffic'; readonly delta: TrafficDelta }
  /** The worker's way to the log thread. */
  | { readonly type: 'logs'; readonly port: MessagePort }
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'fault'; readonly message: string }
  | RequestAnswer
