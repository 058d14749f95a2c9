import { NotFound } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'

/** The service of an id or a name. Throws `NotFound`. */
export async function findService(unit: Unit, idOrName: string): Promise<Service> {
  const service = (await unit.services.findByName(idOrName)) ?? (await unit.services.find(idOrName))
  if (service === null) throw new NotFound('service', idOrName)
  return service
}

/** The stage of a service by its id or name. Throws `NotFound`. */
export async function findStage(unit: Unit, service: Service, idOrName: string): Promise<Stage> {
  const stages = await unit.stages.ofService(service.id)
  const stage = stages.find(({ name }) => name === idOrName) ?? stages.find(({ id }) => id === idOrName)
  if (stage === undefined) throw new NotFound('stage', `${service.name}/${idOrName}`)
  return stage
}
