import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { assertStageFits, checkStage } from './create-stage.ts'
import { findService, findStage } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** What can be changed of a stage. */
export type StageChanges = Partial<Pick<Stage, 'description' | 'isDefault' | 'backendUrl' | 'variables'>> & {
  plugins?: readonly unknown[]
}

/** Changes a stage. What is live changes with the next deployment. */
export async function updateStage(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  changes: StageChanges,
  expected: ExpectedVersion,
): Promise<Stage> {
  const service = await findService(unit, serviceIdOrName)
  const before = await findStage(unit, service, stageIdOrName)
  assertVersion(before, expected)
  const merged = { ...before, ...changes }
  const others = (await unit.stages.ofService(service.id)).filter(({ id }) => id !== before.id)
  assertStageFits(others, merged)
  const after: Stage = {
    ...merged,
    plugins: checkStage(merged),
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  await unit.stages.update(after)
  await unit.audit.record({ action: 'update', kind: 'stage', id: before.id, before, after })
  return after
}
