import { EffectiveBackends, type EffectivePlugin, EffectivePlugins, noOverlay } from '../design/effective.ts'
import type { Backend } from '../model/backend.ts'
import { NotFound } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService, findStage } from './find.ts'
import { designOf } from './read-changes.ts'

/** What runs for a node, with where each part comes from. */
export interface Effective {
  readonly plugins: EffectivePlugin[]
  /** Null in the draft, which has no backend, and where none is set. */
  readonly backend: Backend | null
}

/** A method, or a path as its methods inherit it. */
export type DesignNode = { readonly methodId: string } | { readonly resourceId: string }

/** The effective plugins of a node, in the draft or on a stage. */
export async function readEffective(
  unit: Unit,
  serviceIdOrName: string,
  node: DesignNode,
  stageIdOrName: string | null,
): Promise<Effective> {
  const service = await findService(unit, serviceIdOrName)
  const stage = stageIdOrName === null ? null : await findStage(unit, service, stageIdOrName)
  const { resources, methods } = stage === null ? await readDraft(unit, service) : await designOf(unit, stage)
  const method = 'methodId' in node ? methods.find(({ id }) => id === node.methodId) : null
  if (method === undefined) throw new NotFound('method', 'methodId' in node ? node.methodId : '')
  const resourceId = method?.resourceId ?? ('resourceId' in node ? node.resourceId : '')
  const resource = resources.find(({ id }) => id === resourceId)
  if (resource === undefined) throw new NotFound('resource', resourceId)
  return {
    plugins: new EffectivePlugins(stage ?? noOverlay, resources).of(resource, method),
    backend: stage === null ? null : new EffectiveBackends(stage).of(resource, method),
  }
}
