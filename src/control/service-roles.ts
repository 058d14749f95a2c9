import type { Role } from '../model/access.ts'
import { Invalid } from '../model/errors.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { Unit } from '../store/unit.ts'
import { lookUpService } from './find.ts'

/** Roles on services by the ids of these, where names are given too. Throws `Invalid` for services that are not there. */
export async function findServiceRoles(
  unit: Unit,
  given: Readonly<Record<string, Role>>,
): Promise<Record<string, Role>> {
  const problems: Problem[] = []
  const found: Record<string, Role> = {}
  for (const [idOrName, role] of Object.entries(given)) {
    const service = await lookUpService(unit, idOrName)
    if (service !== null) found[service.id] = role
    else
      problems.push({ path: `/serviceRoles/${pointerToken(idOrName)}`, message: `There is no service "${idOrName}".` })
  }
  if (problems.length > 0) throw new Invalid('Roles can only be given on services that are there.', problems)
  return found
}

/** Takes the roles on a service that is being deleted from all users and tokens: they would be roles on nothing. */
export async function dropServiceRoles(unit: Unit, serviceId: string): Promise<void> {
  for (const before of await unit.users.list()) {
    if (!(serviceId in before.serviceRoles)) continue
    const serviceRoles = without(before.serviceRoles, serviceId)
    const after = { ...before, serviceRoles, version: before.version + 1, updatedAt: new Date().toISOString() }
    await unit.users.update(after)
    await unit.audit.record({ action: 'update', kind: 'user', id: before.id, before, after })
  }
  for (const { id, serviceRoles } of await unit.tokens.list())
    if (serviceId in serviceRoles) await unit.tokens.setServiceRoles(id, without(serviceRoles, serviceId))
}

function without(serviceRoles: Readonly<Record<string, Role>>, serviceId: string): Record<string, Role> {
  return Object.fromEntries(Object.entries(serviceRoles).filter(([id]) => id !== serviceId))
}

/** A key as a part of a JSON Pointer (RFC 6901, section 3). */
function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
