import type { Vault } from '../lib/vault.ts'
import type { KeyGate, LogSinks, PluginEnv, PluginScope } from '../plugins/plugin.ts'
import { fetchForPlugin } from './outgoing.ts'
import { LoadedPolicies } from './policies.ts'
import { randomHex } from './random-id.ts'
import type { RouteBackend } from './table.ts'

/** Values that plugins share are few: key sets and caches, by what they are of. Beyond this the oldest go. */
const MAX_SHARED = 1_000

/** What loading a snapshot needs: what its plugins are given, and the way to their secrets. */
export interface LoadEnv extends PluginEnv {
  readonly vault: Pick<Vault, 'open'>
  /** The gate for API keys of a stage. */
  keysOf(stageId: string): KeyGate
  /** A backend of the snapshot by its name; null for the route's own, which may have none. */
  routeBackend(name: string | null, path?: string): RouteBackend | null
  /** The sinks of logs, for the plugins of one stage. */
  logsFor(): StageLogs
}

/** Sinks of logs that remembers which were opened. */
export interface StageLogs extends LogSinks {
  readonly keys: ReadonlySet<string>
}

/** Takes no line: for stages that do not serve. */
export const noLogs: StageLogs = {
  keys: new Set(),
  open: () => ({ begin: () => null, end: () => undefined }),
  later: () => undefined,
}

/** What plugins are made for before a stage and a route are known. */
const noScope: PluginScope = { stageId: '', routeId: '', service: '', stage: '', deployment: '', pattern: '' }
const noKeys: KeyGate = {
  admit() {
    throw new Error('no stage is known here')
  },
}

/** Makes the environment of one worker; `table.ts` fills in what plugins are made for. */
export function createLoadEnv({
  vault,
  limits,
  keysOf,
  logsFor = () => noLogs,
}: Pick<LoadEnv, 'vault' | 'limits' | 'keysOf'> & Partial<Pick<LoadEnv, 'logsFor'>>): LoadEnv {
  const kept = new Map<string, unknown>()
  return {
    vault,
    limits,
    keysOf,
    logsFor,
    keys: noKeys,
    logs: noLogs,
    credentials: { headers: [], query: [] },
    scope: noScope,
    policies: new LoadedPolicies({}),
    randomHex,
    random: Math.random,
    // `table.ts` and `attachment.ts` know for which route and plugin.
    count: () => undefined,
    routeBackend: () => null,
    backend: () => null,
    now: Date.now,
    fetch: fetchForPlugin,
    shared<T>(key: string, create: () => T): T {
      if (!kept.has(key)) {
        kept.set(key, create())
        for (const oldest of kept.keys()) {
          if (kept.size <= MAX_SHARED) break
          kept.delete(oldest)
        }
      }
      // A key begins with the name of its plugin, which makes all values of that key by one function.
      return kept.get(key) as T
    },
  }
}
