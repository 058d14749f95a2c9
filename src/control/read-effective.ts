import { EffectiveBackends, type EffectivePlugin, EffectivePlugins, noOverlay } from '../design/effective.ts'
import type { Backend } from '../model/backend.ts'
import { NotFound } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService, findStage } from './find.ts'
import { designOf } from './read-changes.ts'

/** What runs for a method, with where each part comes from. */
export interface Effective {
  readonly plugins: EffectivePlugin[]
  /** Null in the draft, which has no backend, and where none is set. */
  readonly backend: Backend | null
}

/** The effective plugins of a method, in the draft or on a stage. */
export async function readEffective(
  unit: Unit,
  serviceIdOrName: string,
  methodId: string,
  stageIdOrName: string | null,
): Promise<Effective> {
  const service = await findService(unit, serviceIdOrName)
  const stage = stageIdOrName === null ? null : await findStage(unit, service, stageIdOrName)
  const { resources, methods } = stage === null ? await readDraft(unit, service) : await designOf(unit, stage)
  const method = methods.find(({ id }) => id === methodId)
  const resource = resources.find(({ id }) => id === method?.resourceId)
  if (method === undefined || resource === undefined) throw new NotFound('method', methodId)
  return {
    plugins: new EffectivePlugins(stage ?? noOverlay, resources).of(resource, method),
    backend: stage === null ? null : new EffectiveBackends(stage).of(resource, method),
  }
}
