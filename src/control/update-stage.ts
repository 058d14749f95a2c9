import { checkOverlay, type GivenOverlayNode } from '../design/check-overlay.ts'
import type { Design } from '../design/design.ts'
import type { Service } from '../model/service.ts'
import type { Stage, stageDefaults } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree } from './addresses.ts'
import { readDraft } from './apply-draft.ts'
import { assertStageFits, checkStage } from './create-stage.ts'
import { findService, findStage } from './find.ts'
import { designOf } from './read-changes.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** What can be changed of a stage. */
export type StageChanges = Partial<Pick<Stage, Exclude<keyof typeof stageDefaults, 'plugins' | 'overlay'>>> & {
  plugins?: readonly unknown[]
  overlay?: readonly GivenOverlayNode[]
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
  const { overlay, problems } = checkOverlay(
    merged.overlay,
    await overlaidDesign(unit, service, before),
    '/overlay',
    unit.vault,
    await unit.policies.keysOf(service.id),
  )
  const checked = checkStage(unit, merged, problems)
  const after: Stage = {
    ...merged,
    ...checked,
    overlay,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  await assertAddressesFree(unit, service.name, [after])
  await unit.stages.update(after)
  await unit.audit.record({
    action: 'update',
    kind: 'stage',
    serviceId: before.serviceId,
    id: before.id,
    before,
    after,
  })
  return after
}

/** The design that an overlay is laid over: the draft, until one has been applied. */
function overlaidDesign(unit: Unit, service: Service, stage: Stage): Promise<Design> {
  return stage.revisionId === null ? readDraft(unit, service) : designOf(unit, stage)
}
