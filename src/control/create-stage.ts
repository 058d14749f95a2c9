import { checkAddresses } from '../design/check-addresses.ts'
import { checkBackend } from '../design/check-backend.ts'
import { checkHsts } from '../design/check-https.ts'
import { checkAttachments } from '../design/check-plugins.ts'
import { Conflict, Invalid } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import { type Stage, stageDefaults } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree } from './addresses.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** A stage as a caller gives it. */
export type NewStage = Pick<Stage, 'name'> & Partial<Omit<StageSettings, 'plugins'>> & { plugins?: readonly unknown[] }

/** What can be set of a stage when it is made. */
type StageSettings = Pick<Stage, Exclude<keyof typeof stageDefaults, 'overlay'>>

/** Adds a stage to a service. Throws `Conflict` if its name is taken, or the service has a default stage already and this is to be one. */
export async function createStage(
  unit: Unit,
  serviceIdOrName: string,
  given: NewStage,
  expected: ExpectedVersion = null,
): Promise<Stage> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const { plugins = [], ...settings } = given
  const { name, isDefault = false, backend = null, domains = [], pathPrefix = null, hsts = null } = settings
  assertStageFits(await unit.stages.ofService(service.id), { name, isDefault })
  const checked = checkStage(unit, { backend, plugins, domains, pathPrefix, hsts })
  const now = new Date().toISOString()
  const stage: Stage = {
    ...stageDefaults,
    ...settings,
    id: newId(),
    serviceId: service.id,
    ...checked,
    revisionId: null,
    deploymentId: null,
    baseDeploymentId: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  await assertAddressesFree(unit, service.name, [stage])
  await unit.stages.insert(stage)
  await unit.audit.record({
    action: 'create',
    kind: 'stage',
    serviceId: stage.serviceId,
    id: stage.id,
    before: null,
    after: stage,
  })
  return stage
}

/** Throws `Conflict` if a stage does not fit beside `others`. */
export function assertStageFits(
  others: readonly Stage[],
  { name, isDefault }: Pick<Stage, 'name' | 'isDefault'>,
): void {
  if (others.some((other) => other.name === name))
    throw new Conflict(`The service already has a stage "${name}": choose another name.`)
  const current = others.find((other) => other.isDefault)
  if (isDefault && current !== undefined)
    throw new Conflict(`"${current.name}" is the default stage already: a service has one.`)
}

/** What is checked of a stage. */
type CheckedStage = Pick<Stage, 'backend' | 'domains' | 'pathPrefix' | 'hsts'> & {
  readonly plugins: readonly unknown[]
}

/** The stage's backend and plugins with their defaults, and their secrets protected. Throws `Invalid` with all problems, `others` among them. */
export function checkStage(
  { vault }: Pick<Unit, 'vault'>,
  { backend, plugins, hsts, ...addresses }: CheckedStage,
  others: readonly Problem[] = [],
): Pick<Stage, 'backend' | 'plugins'> {
  const { attachments, problems } = checkAttachments(plugins, {
    place: 'stage',
    pathVariables: [],
    pointer: '/plugins',
    vault,
  })
  const own = backend === null ? { backend, problems: [] } : checkBackend(backend, '/backend', vault)
  const all = [...own.problems, ...checkAddresses(addresses), ...checkHsts(hsts), ...problems, ...others]
  if (all.length > 0) throw new Invalid(all[0]?.message ?? 'The stage is not valid.', all)
  return { backend: own.backend, plugins: attachments }
}
