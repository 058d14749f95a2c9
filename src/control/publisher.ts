import type { BackendState } from '../model/backend-state.ts'
import type { CanaryTerms, SideComparison } from '../model/canary.ts'
import type { LiveCertificate } from '../model/certificate.ts'
import type { ExplainedRequest, Explanation } from '../model/explanation.ts'
import type { GatewayResponse } from '../model/gateway-response.ts'
import type { CountedUsage, LiveKey, SubscriptionState } from '../model/key.ts'
import type { AcmeChallenge } from '../model/managed-certificate.ts'
import type { Plan } from '../model/plan.ts'
import type { PlacedRequest, RequestFilter, RequestPlace } from '../model/recent-request.ts'
import type { GatewayResponseName } from '../plugins/replies.ts'
import type { FrozenSnapshot } from '../snapshot/hash.ts'

/** Counts of one route since the program started. */
export interface RouteStatus {
  readonly calls: number
  readonly byGateway: number
  readonly aborted: number
  /** By class: `1xx` … `5xx`. */
  readonly statuses: Readonly<Record<string, number>>
  /** By plugin, of those of which there is anything to tell. */
  readonly plugins: Readonly<
    Record<
      string,
      {
        readonly shadowRefusals: number
        readonly conditionFailures: number
        readonly events: Readonly<Record<string, number>>
      }
    >
  >
}

/** The state of the data plane. */
export interface GatewayStatus {
  readonly workers: readonly {
    readonly id: number
    readonly pid: number
    readonly state: string
    readonly startedAt: string
    readonly restarts: number
    readonly connections: number
    /** Those of them that carry a WebSocket. */
    readonly webSockets: number
    readonly requests: number
    /** Of the worker's JavaScript heap, in use. */
    readonly heapUsedBytes: number
  }[]
  /** Of the process: all, and of the main thread's JavaScript heap what is in use. */
  readonly memory: { readonly residentBytes: number; readonly heapUsedBytes: number }
  readonly snapshots: readonly {
    readonly stageId: string
    readonly service: string
    readonly stage: string
    readonly hash: string
    readonly routes: number
    readonly hosts: readonly string[]
    /** The path of the base domain that it is served under as well; null for none. */
    readonly prefix: string | null
    /** The canary that runs beside it; null for none. */
    readonly canary: { readonly hash: string; readonly share: number; readonly sides: SideComparison } | null
    readonly backends: readonly BackendState[]
  }[]
  readonly requests: number
  /** By the id of the method; `""` for requests that matched no route. */
  readonly routes: Readonly<Record<string, RouteStatus>>
  /** Where access logs go, and how that goes. */
  readonly accessLogs: readonly {
    /** `SERVICE/STAGE`. */
    readonly owner: string
    readonly sink: string
    /** Since the program started, or the sink was last set up. */
    readonly lines: number
    readonly bytes: number
    readonly droppedLines: number
    /** Why it takes no lines at the moment; null while it does. */
    readonly trouble: string | null
  }[]
}

/** Explains a request against a snapshot, with the parts that serve; with `call` the backend is really called. */
export type Explain = (snapshot: FrozenSnapshot, request: ExplainedRequest, call: boolean) => Promise<Explanation>

/** What the gateway would answer to a sample request to a host, with a gateway response that may not be saved yet; null for the default one. */
export type PreviewResponse = (
  type: GatewayResponseName,
  response: GatewayResponse | null,
  sample: { readonly service: string; readonly host: string; readonly accept: string },
) => Promise<PreviewedResponse>

/** A whole answer, as the gateway would send it. */
export interface PreviewedResponse {
  readonly status: number
  readonly headers: { name: string; value: string }[]
  readonly body: string
}

/** The API keys and usage plans of the data plane: what workers look up and count. */
export interface LiveKeyTable {
  /** How many keys there is room for. */
  readonly capacity: number
  /** Puts a plan in, or its new value. Resolves when it holds on every worker. */
  putPlan(plan: Plan): Promise<void>
  removePlan(id: string): Promise<void>
  /** Puts in a key that is not there yet. */
  addKey(key: LiveKey): void
  /** Puts a key in, or brings it up to date: from now on it holds. */
  putKey(key: LiveKey): void
  removeKey(id: string): void
  /** What was counted since it was last asked, of at most so many subscriptions. */
  takeCounted(most: number): { readonly usage: readonly CountedUsage[]; readonly isAll: boolean }
  /** Has it given again, because it could not be written down. */
  giveBackCounted(usage: readonly CountedUsage[]): void
  /** Keys that were used since it was last asked, with the minute since the Unix epoch; at most so many. */
  takeTouched(most: number): {
    readonly keys: readonly { readonly keyId: string; readonly minute: number }[]
    readonly isAll: boolean
  }
  stateOf(keyId: string): { readonly lastUsed: number; readonly subscriptions: readonly SubscriptionState[] }
}

/** The certificates of the data plane. */
export interface CertificateTable {
  /** Puts a certificate in, or in the place of its former self. Resolves when every worker has it; rejects with the reason where one refuses. */
  putCertificate(certificate: LiveCertificate): Promise<void>
  removeCertificate(id: string): Promise<void>
}

/** What the gateway answers authorities that look whether a name is ours. */
export interface ChallengeTable {
  /** Resolves when every worker answers it. */
  showChallenge(challenge: AcmeChallenge): Promise<void>
  hideChallenge(challenge: AcmeChallenge): Promise<void>
}

/** The last requests that workers remember. */
export interface RequestBook {
  /** The newest of an id; null where nobody remembers it. */
  find(id: string): Promise<PlacedRequest | null>
  /** The newest that the filter wants, behind a place, at most so many. */
  list(filter: RequestFilter, before: RequestPlace | null, most: number): Promise<PlacedRequest[]>
  /** Has a listener told of requests from now on, and of how many came too fast, until what it gives back is called. */
  follow(filter: RequestFilter, listener: (items: readonly PlacedRequest[], missed: number) => void): () => void
}

/** All that the control plane knows of the data plane. `main.ts` hands it in. */
export interface Publisher {
  /** Who serves: one node. */
  readonly node: { readonly id: string; readonly name: string }
  /** Makes a snapshot live. Resolves when it is, on every worker; rejects with the reason, and then nothing has changed. */
  publish(snapshot: FrozenSnapshot): Promise<void>
  /**
   * Has a snapshot serve a share of the callers of its stage, beside the one that is live; or changes the share of the one that
   * does. Resolves and rejects as `publish` does, which ends it.
   */
  publishCanary(snapshot: FrozenSnapshot, terms: CanaryTerms): Promise<void>
  /** Ends the canary of a stage. */
  withdrawCanary(stageId: string): Promise<void>
  /** What both sides of a stage with a canary have done; null where none runs. */
  sides(stageId: string): SideComparison | null
  /** Takes a stage off. */
  withdraw(stageId: string): Promise<void>
  status(): GatewayStatus
  /** The targets of a live stage, backend by backend, and how they are; none if the stage is not live. */
  backends(stageId: string): readonly BackendState[]
}
