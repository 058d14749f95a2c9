import { checkMethodBackend } from '../design/check-backend.ts'
import { checkInterface, withRequired } from '../design/check-interface.ts'
import { checkAttachments } from '../design/check-plugins.ts'
import { lintMethod } from '../design/lint.ts'
import { pathVariables } from '../design/paths.ts'
import { Invalid, NotFound } from '../model/errors.ts'
import type { Method } from '../model/method.ts'
import type { Unit } from '../store/unit.ts'
import type { SavedMethod } from './create-method.ts'
import { findService } from './find.ts'
import { modelNames } from './models.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** What can be changed of a method: all but its verb. */
export type MethodChanges = Partial<Omit<Method, 'id' | 'resourceId' | 'verb' | 'plugins'>> & {
  plugins?: readonly unknown[]
}

/** Changes a method. The verb cannot be changed: delete and create. */
export async function updateMethod(
  unit: Unit,
  serviceIdOrName: string,
  methodId: string,
  changes: MethodChanges,
  expected: ExpectedVersion,
): Promise<SavedMethod> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await unit.methods.find(service.id, methodId)
  const resource = before === null ? null : await unit.resources.find(service.id, before.resourceId)
  if (before === null || resource === null) throw new NotFound('method', methodId)
  const variables = pathVariables(resource.path)
  const { attachments, problems } = checkAttachments(changes.plugins ?? before.plugins, {
    place: 'method',
    pathVariables: variables,
    pointer: '/plugins',
    vault: unit.vault,
    policies: await unit.policies.keysOf(service.id),
  })
  const parameters = withRequired(changes.parameters ?? before.parameters)
  const after: Method = { ...before, ...changes, parameters, plugins: attachments }
  const all = [
    ...problems,
    ...checkMethodBackend(after.backend, variables, '/backend'),
    ...checkInterface(after, resource.path, await modelNames(unit, service)),
  ]
  if (all.length > 0) throw new Invalid(`The method ${before.verb} of "${resource.path}" cannot be changed so.`, all)
  await unit.methods.update(service.id, after)
  await touchService(unit, service)
  await unit.audit.record({ action: 'update', kind: 'method', serviceId: service.id, id: before.id, before, after })
  return { ...after, warnings: lintMethod(after, resource.path) }
}
