import { NotFound } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'

/** The service of an id or a name; null for none. An id comes first: a name that looks like another's id must not catch what is meant for that. */
export async function lookUpService(unit: Unit, idOrName: string): Promise<Service | null> {
  return (await unit.services.find(idOrName)) ?? (await unit.services.findByName(idOrName))
}

/** The same. Throws `NotFound`. */
export async function findService(unit: Unit, idOrName: string): Promise<Service> {
  const service = await lookUpService(unit, idOrName)
  if (service === null) throw new NotFound('service', idOrName)
  return service
}

/** The stage of a service by its id or name. Throws `NotFound`. */
export async function findStage(unit: Unit, service: Service, idOrName: string): Promise<Stage> {
  const stages = await unit.stages.ofService(service.id)
  const stage = stages.find(({ id }) => id === idOrName) ?? stages.find(({ name }) => name === idOrName)
  if (stage === undefined) throw new NotFound('stage', `${service.name}/${idOrName}`)
  return stage
}
