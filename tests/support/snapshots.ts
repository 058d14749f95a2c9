import type { Attachment } from '../../src/plugins/registry.ts'
import { type FrozenSnapshot, freeze } from '../../src/snapshot/hash.ts'

/** A snapshot of one route, `GET /a` of `HOST.localhost`, with these plugins, and a backend where one of them does not answer. */
export function snapshotOf(host: string, plugins: readonly Attachment[], backendUrl?: string): FrozenSnapshot {
  const backend = backendUrl === undefined ? null : { name: 'main', path: null }
  return freeze({
    format: 1,
    stage: { id: `stage-${host}`, service: host, name: 'live', hosts: [`${host}.localhost`], variables: {} },
    backends: backendUrl === undefined ? {} : { main: { targets: [backendUrl] } },
    responses: {},
    routes: [{ id: `route-${host}`, pattern: '/a', method: 'GET', plugins: [...plugins], backend }],
  })
}
