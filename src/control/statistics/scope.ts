import { Invalid, NotFound } from '../../model/errors.ts'
import type { Service } from '../../model/service.ts'
import type { Stage } from '../../model/stage.ts'
import { routeSide } from '../../model/traffic.ts'
import { ALL, type KeptKey, stageTotal } from '../../stats/gathered.ts'
import type { Unit } from '../../store/unit.ts'
import { type Actor, visibleServices } from '../access.ts'
import { findService, findStage } from '../find.ts'

/** Whose statistics: of a service, or a stage of it, or of everything that the caller may read. */
export interface StatisticsScope {
  readonly service?: string | undefined
  readonly stage?: string | undefined
}

/** A part of the traffic of a scope; at most one of them, but for a side of a route. */
export interface StatisticsPart {
  /** Id of the method; `-` for requests that matched none. */
  readonly route?: string | undefined
  /** Id or name. */
  readonly key?: string | undefined
  readonly plan?: string | undefined
  /** Number of the deployment. */
  readonly deployment?: number | undefined
  /** Name of a side of a `traffic-split`; beside a route, of that of the route. */
  readonly side?: string | undefined
}

export interface FoundStage {
  readonly service: Service
  readonly stage: Stage
}

export interface FoundScope {
  /** Those that the scope has, by their ids. */
  readonly stages: ReadonlyMap<string, FoundStage>
  /** Whether it is everything, with what came for no stage and for stages that are gone. */
  readonly isAll: boolean
  readonly isStage: boolean
}

export async function findScope(unit: Unit, actor: Actor, { service, stage }: StatisticsScope): Promise<FoundScope> {
  if (service === undefined) return everythingFor(unit, actor)
  const found = await findService(unit, service)
  const stages = stage === undefined ? await unit.stages.ofService(found.id) : [await findStage(unit, found, stage)]
  return {
    stages: new Map(stages.map((one) => [one.id, { service: found, stage: one }])),
    isAll: false,
    isStage: stage !== undefined,
  }
}

async function everythingFor(unit: Unit, actor: Actor): Promise<FoundScope> {
  const visible = visibleServices(actor)
  const stages = new Map<string, FoundStage>()
  const services = await unit.services.all(visible)
  const all = await unit.stages.ofServices(services.map(({ id }) => id))
  const byId = new Map(services.map((service) => [service.id, service]))
  for (const stage of all) {
    const service = byId.get(stage.serviceId)
    if (service !== undefined) stages.set(stage.id, { service, stage })
  }
  return { stages, isAll: visible === null, isStage: false }
}

/** The series that a part of a scope is the sum of. */
export async function keysOf(unit: Unit, found: FoundScope, part: StatisticsPart): Promise<KeptKey[]> {
  const given = (['route', 'key', 'plan', 'deployment', 'side'] as const).filter((name) => part[name] !== undefined)
  const stageIds = [...found.stages.keys()]
  const { route, side } = part
  if (given.length === 2 && route !== undefined && side !== undefined)
    return stageIds.map((stageId) => ({ stageId, kind: 'route-side', id: routeSide(route, side) }))
  if (given.length > 1)
    throw new Invalid('Only one part of the traffic can be asked for at a time.', [
      { path: `/${given[1]}`, message: `Leave out all but one of ${given.join(', ')}.` },
    ])
  const [kind] = given
  if (kind === undefined) return found.isAll ? [ALL] : stageIds.map(stageTotal)
  const id = await idOf(unit, found, part)
  return stageIds.map((stageId) => ({ stageId, kind, id }))
}

async function idOf(
  unit: Unit,
  found: FoundScope,
  { route, key, plan, deployment, side }: StatisticsPart,
): Promise<string> {
  if (side !== undefined) return side
  if (route !== undefined) return route === '-' ? '' : route
  // What is deleted may still be asked for by its id.
  if (key !== undefined) return (await unit.keys.findByName(key))?.id ?? key
  if (plan !== undefined) return (await unit.plans.findByName(plan))?.id ?? plan
  const [stageId] = found.stages.keys()
  const number = deployment ?? 0
  if (!found.isStage || stageId === undefined)
    throw new Invalid('A deployment is one of a stage.', [
      { path: '/deployment', message: 'Ask for the statistics of the stage that it is a deployment of.' },
    ])
  const one = await unit.deployments.findByNumber(stageId, number)
  if (one === null) throw new NotFound('deployment', String(number))
  return one.hash
}
