import { Invalid } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Unit } from '../store/unit.ts'

/** The orders that services can be listed in; with a minus the other way round. */
export const serviceOrders = ['name', '-name', 'createdAt', '-createdAt', 'updatedAt', '-updatedAt'] as const
export type ServiceOrder = (typeof serviceOrders)[number]

/** What is to be listed. */
export interface ServiceListRequest {
  /** Only services that have this in name or description, in whatever case; all for the empty text. */
  readonly search: string
  readonly order: ServiceOrder
  /** The `next` of the page before; empty for the first page. */
  readonly after: string
  readonly limit: number
  /** Only services of these ids; null for all. */
  readonly ids: readonly string[] | null
}

/** A page of services, and what to ask for the next one with; null where there is none. */
export interface ServicePage {
  readonly items: Service[]
  readonly next: string | null
}

/**
 * Lists services. A page begins behind the last service of the page before, by its values and not by its place: what was
 * made or deleted meanwhile leaves no other service out. Throws `Invalid` where `after` is not of a page in this order.
 */
export async function listServices(
  unit: Unit,
  { search, order, after, limit, ids }: ServiceListRequest,
): Promise<ServicePage> {
  const isDescending = order.startsWith('-')
  const sort = order.replace('-', '') as 'name' | 'createdAt' | 'updatedAt'
  const place = after === '' ? null : readPlace(sort, after)
  const found = await unit.services.list({ search, sort, isDescending, after: place, limit: limit + 1, ids })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? writePlace(sort, last) : null }
}

/** In the order of names a place is a name; in one of times it is a time and, for those that share it, a name. */
function writePlace(sort: 'name' | 'createdAt' | 'updatedAt', service: Service): string {
  return sort === 'name' ? service.name : `${service[sort]}~${service.name}`
}

function readPlace(sort: string, after: string): { name: string; time: string } {
  if (sort === 'name') return { name: after, time: '' }
  const [, time, name] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~([a-z0-9-]+)$/.exec(after) ?? []
  if (time !== undefined && name !== undefined) return { name, time }
  throw new Invalid('The page cannot be found.', [
    { path: '/after', message: `"${after}" is not the "next" of a page in this order: begin without.` },
  ])
}
