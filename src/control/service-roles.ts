import type { Role } from '../model/access.ts'
import { Invalid } from '../model/errors.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { Unit } from '../store/unit.ts'

/** Roles on services by the ids of these, where names are given too. Throws `Invalid` for services that are not there. */
export async function findServiceRoles(
  unit: Unit,
  given: Readonly<Record<string, Role>>,
): Promise<Record<string, Role>> {
  const problems: Problem[] = []
  const found: Record<string, Role> = {}
  for (const [idOrName, role] of Object.entries(given)) {
    const service = (await unit.services.findByName(idOrName)) ?? (await unit.services.find(idOrName))
    if (service !== null) found[service.id] = role
    else problems.push({ path: `/serviceRoles/${idOrName}`, message: `There is no service "${idOrName}".` })
  }
  if (problems.length > 0) throw new Invalid('Roles can only be given on services that are there.', problems)
  return found
}
