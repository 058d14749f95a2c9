import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'

/** A resource with its methods. */
export type ResourceWithMethods = Resource & { readonly methods: Method[] }

/** A page of a service's tree, by path in order. */
export async function readTree(
  unit: Unit,
  serviceIdOrName: string,
  after: string,
  limit: number,
): Promise<ResourceWithMethods[]> {
  const service = await findService(unit, serviceIdOrName)
  const resources = await unit.resources.page(service.id, after, limit)
  const methods = Map.groupBy(
    await unit.methods.ofResources(resources.map(({ id }) => id)),
    ({ resourceId }) => resourceId,
  )
  return resources.map((resource) => ({ ...resource, methods: methods.get(resource.id) ?? [] }))
}
