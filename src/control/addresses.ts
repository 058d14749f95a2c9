import { checkDomainsBeside } from '../design/check-addresses.ts'
import { Conflict, Invalid } from '../model/errors.ts'
import type { SnapshotStage } from '../snapshot/snapshot.ts'
import type { StageAddress } from '../store/stages.ts'
import type { Unit } from '../store/unit.ts'
import type { Publisher } from './publisher.ts'

/** No two stages are reached in the same way. */

/** Throws `Conflict`, naming the stage that has it, if a host name, domain or prefix of a stage belongs to another one. */
export async function assertAddressesFree(
  unit: Unit,
  service: string,
  stages: readonly Omit<StageAddress, 'service'>[],
): Promise<void> {
  const own = new Set(stages.map(({ id }) => id))
  const others = (await unit.stages.addresses()).filter(({ id }) => !own.has(id))
  const [rivalry] = findRivalries(
    others,
    stages.map((stage) => ({ ...stage, service })),
  )
  if (rivalry !== undefined) throw new Conflict(rivalry.message)
}

/** A way to a stage that belongs to another one. */
export interface Rivalry {
  readonly stage: StageAddress
  readonly message: string
}

/** Every way to one of these stages that belongs to one of the others, or to another one of these. */
export function findRivalries(others: readonly StageAddress[], stages: readonly StageAddress[]): Rivalry[] {
  const taken = new Map(others.flatMap((other) => waysTo(other).map(({ key }) => [key, other] as const)))
  return stages.flatMap((stage) =>
    waysTo(stage).flatMap(({ key, what }) => {
      const rival = taken.get(key)
      taken.set(key, stage)
      return rival === undefined || rival.id === stage.id
        ? []
        : [{ stage, message: `${what} belongs to "${rival.service}/${rival.name}" already: choose another one.` }]
    }),
  )
}

/** Throws `Conflict` if another stage, by what is live of it, still answers where a snapshot is to. */
export function assertNotLiveElsewhere(
  publisher: Pick<Publisher, 'status'>,
  { id, hosts, prefix }: SnapshotStage,
): void {
  for (const live of publisher.status().snapshots) {
    if (live.stageId === id) continue
    const host = hosts.find((one) => live.hosts.includes(one))
    const way = host ?? (prefix !== undefined && live.prefix === prefix.path ? prefix.path : undefined)
    if (way !== undefined)
      throw new Conflict(
        `"${way}" still leads to "${live.service}/${live.stage}", by what is live of it: deploy that stage first, without it.`,
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
