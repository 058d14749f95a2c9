/** Restriction policies as plugins see them: what a service knows by name, and a snapshot holds beside its routes. */

/** By what a policy tells requests apart. */
export interface PolicyKey {
  readonly in: 'path-variable' | 'header'
  readonly name: string
}

/** What holds for requests of one key value. */
export interface PolicyValue {
  readonly value: string
  /** Null for that of the policy. */
  readonly requestsPerSecond: number | null
  /** From which addresses such requests may come; null for all. */
  readonly networks: { readonly mode: 'allow' | 'deny'; readonly list: readonly string[] } | null
}

/** A policy. */
export interface RestrictionPolicy {
  readonly key: PolicyKey
  /** For values that have no rate of their own; null where they are not limited. */
  readonly requestsPerSecond: number | null
  /** What becomes of requests whose value is not listed, or that have none. */
  readonly unlisted: 'pass' | 'refuse'
  /** The header that tells how many more requests could come now; null for none. */
  readonly remainingHeader: string | null
  readonly values: readonly PolicyValue[]
}

/** The keys of a service's policies, by name: all that an attachment must fit. */
export type PolicyKeys = ReadonlyMap<string, PolicyKey>

/** The policies of a stage that is being loaded. */
export interface Policies {
  /** What `make` makes of a policy: once for all routes that name it. Throws where there is no such policy. */
  ready<T>(name: string, make: (policy: RestrictionPolicy) => T): T
}
