import { checkBackend } from '../design/check-backend.ts'
import { checkAttachments } from '../design/check-plugins.ts'
import type { Backend } from '../model/backend.ts'
import { Conflict, Invalid } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Stage } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** A stage as a caller gives it. */
export type NewStage = Pick<Stage, 'name'> &
  Partial<Pick<Stage, 'description' | 'isDefault' | 'backend' | 'variables' | 'keepDeployments'>> & {
    plugins?: readonly unknown[]
  }

/** Adds a stage to a service. Throws `Conflict` if its name is taken, or the service has a default stage already and this is to be one. */
export async function createStage(
  unit: Unit,
  serviceIdOrName: string,
  given: NewStage,
  expected: ExpectedVersion = null,
): Promise<Stage> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const {
    name,
    description = '',
    isDefault = false,
    backend = null,
    variables = {},
    plugins = [],
    keepDeployments = 100,
  } = given
  assertStageFits(await unit.stages.ofService(service.id), { name, isDefault })
  const attachments = checkStage(unit, { backend, plugins })
  const now = new Date().toISOString()
  const stage: Stage = {
    id: newId(),
    serviceId: service.id,
    name,
    description,
    isDefault,
    backend,
    variables,
    plugins: attachments,
    overlay: [],
    revisionId: null,
    deploymentId: null,
    baseDeploymentId: null,
    keepDeployments,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  await unit.stages.insert(stage)
  await unit.audit.record({ action: 'create', kind: 'stage', id: stage.id, before: null, after: stage })
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

/** The stage's plugins with their defaults. Throws `Invalid` with all problems, `others` among them. */
export function checkStage(
  { vault }: Pick<Unit, 'vault'>,
  { backend, plugins }: { backend: Backend | null; plugins: readonly unknown[] },
  others: readonly Problem[] = [],
): Stage['plugins'] {
  const { attachments, problems } = checkAttachments(plugins, {
    place: 'stage',
    pathVariables: [],
    pointer: '/plugins',
    vault,
  })
  const all = [...(backend === null ? [] : checkBackend(backend, '/backend')), ...problems, ...others]
  if (all.length > 0) throw new Invalid(all[0]?.message ?? 'The stage is not valid.', all)
  return attachments
}
