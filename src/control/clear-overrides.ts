import { NotFound } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { NodePlugin } from '../plugins/registry.ts'
import type { Unit } from '../store/unit.ts'
import { findService, findStage } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** What was said of a plugin below a node, and is not any more. */
export interface ClearedOverride {
  readonly path: string
  readonly verb: string | null
  readonly plugin: string
}

/** Takes away what the design says of plugins below a path, so that what holds there is what holds at the path itself. */
export async function clearOverrides(
  unit: Unit,
  serviceIdOrName: string,
  resourceId: string,
  plugins: readonly string[] | null,
  expected: ExpectedVersion,
): Promise<{ cleared: ClearedOverride[]; service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const all = await unit.resources.ofService(service.id)
  const top = all.find(({ id }) => id === resourceId)
  if (top === undefined) throw new NotFound('resource', resourceId)
  const within = all.filter(({ path }) => path === top.path || isBelow(path, top.path))
  const paths = new Map(within.map(({ id, path }) => [id, path]))
  const cleared: ClearedOverride[] = []
  for (const resource of within) {
    const kept = keep(resource.plugins, plugins)
    if (resource.id === top.id || kept.length === resource.plugins.length) continue
    cleared.push(...removed(resource.plugins, plugins, resource.path, null))
    await unit.resources.update({ ...resource, plugins: kept })
  }
  for (const method of await unit.methods.ofResources([...paths.keys()])) {
    const kept = keep(method.plugins, plugins)
    if (kept.length === method.plugins.length) continue
    cleared.push(...removed(method.plugins, plugins, paths.get(method.resourceId) ?? '', method.verb))
    await unit.methods.update(service.id, { ...method, plugins: kept })
  }
  if (cleared.length === 0) return { cleared, service }
  const touched = await touchService(unit, service)
  await unit.audit.record({
    action: 'clear-overrides',
    kind: 'resource',
    serviceId: service.id,
    id: top.id,
    before: cleared,
    after: null,
  })
  return { cleared, service: touched }
}

/** The same for what a stage's overlay says below a path of its design. Backends of single nodes stay. */
export async function clearStageOverrides(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  { path, plugins }: { path: string; plugins: readonly string[] | null },
  expected: ExpectedVersion,
): Promise<{ cleared: ClearedOverride[]; stage: Stage }> {
  const before = await findStage(unit, await findService(unit, serviceIdOrName), stageIdOrName)
  assertVersion(before, expected)
  const isOverridden = (node: Stage['overlay'][number]) =>
    isBelow(node.path, path) || (node.path === path && node.verb !== null)
  const cleared = before.overlay.flatMap((node) =>
    isOverridden(node) ? removed(node.plugins, plugins, node.path, node.verb) : [],
  )
  if (cleared.length === 0) return { cleared, stage: before }
  const overlay = before.overlay
    .map((node) => (isOverridden(node) ? { ...node, plugins: keep(node.plugins, plugins) } : node))
    .filter((node) => node.plugins.length > 0 || node.backend !== null)
  const after: Stage = { ...before, overlay, version: before.version + 1, updatedAt: new Date().toISOString() }
  await unit.stages.update(after)
  await unit.audit.record({
    action: 'clear-overrides',
    kind: 'stage',
    serviceId: before.serviceId,
    id: before.id,
    before,
    after,
  })
  return { cleared, stage: after }
}

function isBelow(path: string, above: string): boolean {
  return path !== above && (above === '/' || path.startsWith(`${above}/`))
}

/** `plugins` are those to clear; null for all. */
function keep(list: readonly NodePlugin[], plugins: readonly string[] | null): NodePlugin[] {
  return plugins === null ? [] : list.filter(({ plugin }) => !plugins.includes(plugin))
}

function removed(
  list: readonly NodePlugin[],
  plugins: readonly string[] | null,
  path: string,
  verb: string | null,
): ClearedOverride[] {
  return list.flatMap(({ plugin }) => (plugins === null || plugins.includes(plugin) ? [{ path, verb, plugin }] : []))
}
