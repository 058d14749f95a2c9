import { hash } from 'node:crypto'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { Backend } from '../model/backend.ts'
import type { SnapshotBackend } from './snapshot.ts'

/** How the backends of single nodes and of plugins are called and written in a snapshot. */

/** What it is called: its URLs, and where more is set a digest of that, so that only equal ones share a name. */
export function backendName(backend: Backend): string {
  const urls = backend.targets.map(({ url, weight }) => (weight === 1 ? url : `${weight} × ${url}`)).join(', ')
  const settings = settingsOf(backend)
  return Object.keys(settings).length === 0 ? urls : `${urls} #${hash('sha256', canonicalJson(settings)).slice(0, 12)}`
}

/** The backend as a snapshot has it. */
export function snapshotBackend(backend: Backend): SnapshotBackend {
  const urls = backend.targets.map(({ url }) => url.replace(/\/+$/, '').replace(/^(unix:.*):$/, '$1'))
  const weights = backend.targets.map(({ weight }) => weight)
  return { targets: urls, ...(weights.some((weight) => weight !== 1) && { weights }), ...settingsOf(backend) }
}

/** What is set of a backend beside its targets, without what is the default. */
function settingsOf({ protocol, tls, balancing, connections, health }: Backend): Omit<SnapshotBackend, 'targets'> {
  return {
    ...(protocol !== undefined && protocol !== 'auto' && { protocol }),
    ...(tls !== undefined && { tls }),
    ...(balancing !== undefined && balancing.method !== 'round-robin' && { balancing }),
    ...(connections !== undefined && { connections }),
    ...(health !== undefined && { health }),
  }
}
