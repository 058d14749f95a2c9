import { checkMethodBackend } from '../design/check-backend.ts'
import { checkInterface, withRequired } from '../design/check-interface.ts'
import { checkAttachments } from '../design/check-plugins.ts'
import { lintMethod } from '../design/lint.ts'
import { pathVariables } from '../design/paths.ts'
import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Finding } from '../model/lint.ts'
import { type Method, methodDefaults } from '../model/method.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { modelNames } from './models.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** A method as a caller gives it: what is left out has its default, a proxy backend with the request's own path. */
export type NewMethod = Pick<Method, 'verb'> &
  Partial<Omit<Method, 'id' | 'resourceId' | 'verb' | 'plugins'>> & { plugins?: readonly unknown[] }

/** A method that was saved, and what its author may not have meant. */
export type SavedMethod = Method & { readonly warnings: Finding[] }

/** Adds a method to a path. */
export async function createMethod(
  unit: Unit,
  serviceIdOrName: string,
  resourceId: string,
  given: NewMethod,
  expected: ExpectedVersion,
): Promise<SavedMethod> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const resource = await unit.resources.find(service.id, resourceId)
  if (resource === null) throw new NotFound('resource', resourceId)
  const siblings = await unit.methods.ofResources([resource.id])
  if (siblings.some(({ verb }) => verb === given.verb))
    throw new Conflict(`"${resource.path}" already has the method ${given.verb}.`)
  const variables = pathVariables(resource.path)
  const backend = given.backend ?? methodDefaults.backend
  const { attachments, problems } = checkAttachments(given.plugins ?? [], {
    place: 'method',
    pathVariables: variables,
    pointer: '/plugins',
    vault: unit.vault,
    policies: await unit.policies.keysOf(service.id),
  })
  const parameters = withRequired(given.parameters ?? [])
  const method: Method = {
    ...methodDefaults,
    ...given,
    id: newId(),
    resourceId,
    parameters,
    backend,
    plugins: attachments,
  }
  const all = [
    ...problems,
    ...checkMethodBackend(backend, variables, '/backend'),
    ...checkInterface(method, resource.path, await modelNames(unit, service)),
  ]
  if (all.length > 0) throw new Invalid(`The method ${given.verb} cannot be created.`, all)
  await unit.methods.insert(service.id, [method])
  await touchService(unit, service)
  await unit.audit.record({
    action: 'create',
    kind: 'method',
    serviceId: service.id,
    id: method.id,
    before: null,
    after: method,
  })
  return { ...method, warnings: lintMethod(method, resource.path) }
}
