import { Conflict } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Service } from '../model/service.ts'
import type { Unit } from '../store/unit.ts'

/** Makes a service with nothing but the root in its tree. Throws `Conflict` if the name is taken. */
export async function createService(
  unit: Unit,
  { name, description = '' }: { name: string; description?: string },
): Promise<Service> {
  if ((await unit.services.findByName(name)) !== null)
    throw new Conflict(`There is already a service "${name}": choose another name.`)
  const now = new Date().toISOString()
  const service: Service = { id: newId(), name, description, version: 1, createdAt: now, updatedAt: now }
  await unit.services.insert(service)
  await unit.resources.insert([{ id: newId(), serviceId: service.id, path: '/', description: '', plugins: [] }])
  await unit.audit.record({
    action: 'create',
    kind: 'service',
    serviceId: service.id,
    id: service.id,
    before: null,
    after: service,
  })
  return service
}
