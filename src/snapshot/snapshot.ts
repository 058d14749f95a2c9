import type { BackendConnections, BackendHealth, BackendProtocol, BackendTls, Balancing } from '../model/backend.ts'
import type { RouteInterface } from '../plugins/plugin.ts'
import type { RestrictionPolicy } from '../plugins/policies.ts'
import type { Attachment } from '../plugins/registry.ts'

/**
 * A snapshot: everything the data plane needs to serve one stage, resolved, with nothing to look up at request time.
 * It is plain JSON, identified by the hash of its canonical form (`hash.ts`), and never changes.
 */
export interface Snapshot {
  /** Goes up when the shape changes in a way that an older gateway could not read. */
  readonly format: 1
  readonly stage: SnapshotStage
  /** Backends by name; `default` is the stage's own. */
  readonly backends: Readonly<Record<string, SnapshotBackend>>
  /** Gateway responses that are not the default ones, by type. */
  readonly responses: Readonly<Record<string, SnapshotResponse>>
  /** Sorted by pattern, then method, so that equal designs give equal snapshots. */
  readonly routes: readonly SnapshotRoute[]
  /** Plugins whose response side also runs for requests that match no route; absent where there are none. */
  readonly unmatched?: readonly Attachment[]
  /** Models by name, in JSON Schema 2020-12; only where a plugin of a route needs them. */
  readonly schemas?: RouteInterface['schemas']
  /** Restriction policies by name; only those that a plugin of a route names, absent where there are none. */
  readonly policies?: Readonly<Record<string, RestrictionPolicy>>
}

/** A gateway response; `status` is null for the default of its type, and no bodies mean the default one. */
export interface SnapshotResponse {
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly bodies: readonly { readonly contentType: string; readonly body: string }[]
}

export interface SnapshotStage {
  readonly id: string
  readonly service: string
  readonly name: string
  /** Host names (lower case, no port) under which the stage is served. */
  readonly hosts: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** Under which path of which host the stage is served as well; absent for none. */
  readonly prefix?: { readonly host: string; readonly path: string }
  /** Whether a slash at the end of a path is taken off; absent where it makes another path. */
  readonly ignoresTrailingSlash?: true
  /** What becomes of requests by plain HTTP; absent where they are served. */
  readonly https?: 'redirect' | 'required'
  /** The value of `Strict-Transport-Security` in answers over HTTPS; absent for none. */
  readonly hsts?: string
}

export interface SnapshotBackend {
  /** Base URL without a trailing slash: `http://10.0.0.5:8080/v1`. */
  readonly targets: readonly string[]
  /** Shares of the targets; all the same where it is absent. */
  readonly weights?: readonly number[]
  /** Absent for `auto`. */
  readonly protocol?: Exclude<BackendProtocol, 'auto'>
  /** The key is sealed by the vault. */
  readonly tls?: BackendTls
  /** Absent for round robin. */
  readonly balancing?: Balancing
  readonly connections?: BackendConnections
  readonly health?: BackendHealth
}

export interface SnapshotRoute {
  /** The id of the method that it comes from. */
  readonly id: string
  readonly pattern: string
  /** An HTTP method, or `ANY`. */
  readonly method: string
  /** Inherited, merged and in running order; an `order` that is here has been followed, and only tells of it. */
  readonly plugins: readonly Attachment[]
  /** Where the request goes; null if a plugin always answers. `path` is a template, null for the request's own path. */
  readonly backend: { readonly name: string; readonly path: string | null } | null
  /** True for a route that nobody has designed: one of its plugins answers OPTIONS, and all else is not there. */
  readonly isImplied?: true
  /** What the design says of the method; only where a plugin needs it. */
  readonly interface?: Omit<RouteInterface, 'schemas'>
}
