import { Invalid } from '../model/errors.ts'
import type { ApiKey, Subscription } from '../model/key.ts'
import type { Unit } from '../store/unit.ts'
import { findPlan } from './plans.ts'

/** The orders that keys can be listed in; with a minus the other way round. */
export const keyOrders = ['name', '-name', 'createdAt', '-createdAt', 'lastUsedAt', '-lastUsedAt'] as const
export type KeyOrder = (typeof keyOrders)[number]

/** What is to be listed. */
export interface KeyListRequest {
  /** Only keys that have this in name or description, in whatever case; all for the empty text. */
  readonly search: string
  /** Only keys that are subscribed through this plan (id or name), to the stage of this id. */
  readonly plan?: string | undefined
  readonly stageId?: string | undefined
  readonly order: KeyOrder
  /** The `next` of the page before; empty for the first page. */
  readonly after: string
  readonly limit: number
}

/** A page of keys, and what to ask for the next one with; null where there is none. */
export interface KeyPage {
  readonly items: (ApiKey & { readonly subscriptions: Subscription[] })[]
  readonly next: string | null
}

const MINUTE_MS = 60_000

/** Lists keys. A page begins behind the last key of the page before, by its values. Throws `Invalid` for a bad `after`, `NotFound` for a plan that is not there. */
export async function listKeys(
  unit: Unit,
  { search, plan, stageId, order, after, limit }: KeyListRequest,
): Promise<KeyPage> {
  const isDescending = order.startsWith('-')
  const sort = order.replace('-', '') as 'name' | 'createdAt' | 'lastUsedAt'
  const place = after === '' ? null : readPlace(sort, after)
  const planId = plan === undefined ? undefined : (await findPlan(unit, plan)).id
  const found = await unit.keys.list({ search, planId, stageId, sort, isDescending, after: place, limit: limit + 1 })
  const keys = found.slice(0, limit)
  const subscriptions = await unit.keys.subscriptionsOfAll(keys.map(({ id }) => id))
  const items = keys.map((key) => ({ ...key, subscriptions: subscriptions.get(key.id) ?? [] }))
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? writePlace(sort, last) : null }
}

/** In the order of names a place is a name; else the value, and the name for those that share it. */
function writePlace(sort: 'name' | 'createdAt' | 'lastUsedAt', key: ApiKey): string {
  if (sort === 'name') return key.name
  if (sort === 'createdAt') return `${key.createdAt}~${key.name}`
  return `${key.lastUsedAt === null ? 0 : Date.parse(key.lastUsedAt) / MINUTE_MS}~${key.name}`
}

function readPlace(sort: 'name' | 'createdAt' | 'lastUsedAt', after: string): { name: string; value: string } {
  if (sort === 'name') return { name: after, value: after }
  const form = sort === 'createdAt' ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(.+)$/u : /^(\d{1,9})~(.+)$/u
  const [, value, name] = form.exec(after) ?? []
  if (value !== undefined && name !== undefined) return { name, value }
  throw new Invalid('The page cannot be found.', [
    { path: '/after', message: `"${after}" is not the "next" of a page in this order: begin without.` },
  ])
}
