import { checkDomainsBeside } from '../design/check-addresses.ts'
import { Conflict, Invalid } from '../model/errors.ts'
import type { Stage } from '../model/stage.ts'
import type { StageAddress } from '../store/stages.ts'
import type { Unit } from '../store/unit.ts'
import type { Publisher } from './publisher.ts'

/** No two stages are reached in the same way. */

/** Throws `Conflict`, naming the stage that has it, if a host name, domain or prefix of a stage belongs to another one. */
export async function assertAddressesFree(
  unit: Unit,
  service: string,
  stages: readonly Pick<Stage, 'id' | 'name' | 'isDefault' | 'domains' | 'pathPrefix'>[],
): Promise<void> {
  const own = new Set(stages.map(({ id }) => id))
  const taken = new Map<string, StageAddress>()
  for (const other of await unit.stages.addresses()) {
    if (own.has(other.id)) continue
    for (const { key } of waysTo(other)) taken.set(key, other)
  }
  for (const stage of stages) {
    for (const { key, what } of waysTo({ ...stage, service })) {
      const rival = taken.get(key)
      if (rival !== undefined)
        throw new Conflict(`${what} belongs to "${rival.service}/${rival.name}" already: choose another one.`)
    }
  }
}

/** Throws `Conflict` if another stage, by what is live of it, still answers where this one is to. */
export function assertNotLiveElsewhere(
  publisher: Pick<Publisher, 'status'>,
  { id, domains, pathPrefix }: Pick<Stage, 'id' | 'domains' | 'pathPrefix'>,
): void {
  for (const live of publisher.status().snapshots) {
    if (live.stageId === id) continue
    const domain = domains.find((one) => live.hosts.includes(one))
    const way = domain ?? (pathPrefix !== null && live.prefix === pathPrefix ? pathPrefix : undefined)
    if (way !== undefined)
      throw new Conflict(
        `"${way}" still leads to "${live.service}/${live.stage}": deploy that stage first, without it.`,
      )
  }
}

/** Throws `Invalid` for domains within the base domain. */
export function assertOutsideBase(domains: readonly string[], baseDomain: string): void {
  const problems = checkDomainsBeside(domains, baseDomain)
  if (problems.length > 0) throw new Invalid(problems[0]?.message ?? '', problems)
}

/** All ways to a stage, as what must be unlike all others. */
function waysTo({ service, name, isDefault, domains, pathPrefix }: StageAddress): { key: string; what: string }[] {
  const labels = isDefault ? [service, `${service}-${name}`] : [`${service}-${name}`]
  return [
    ...labels.map((label) => ({ key: `label ${label}`, what: `The host name "${label}" below the base domain` })),
    ...domains.map((domain) => ({ key: `domain ${domain}`, what: `The domain "${domain}"` })),
    ...(pathPrefix === null ? [] : [{ key: `prefix ${pathPrefix}`, what: `The path prefix "${pathPrefix}"` }]),
  ]
}
