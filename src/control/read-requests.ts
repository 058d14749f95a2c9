import { NotFound } from '../model/errors.ts'
import type { PlacedRequest, RecentRequest, RequestFilter, RequestPlace } from '../model/recent-request.ts'
import type { Unit } from '../store/unit.ts'
import { type Actor, visibleServices } from './access.ts'
import { findService, findStage } from './find.ts'
import type { RequestBook } from './publisher.ts'

/** The last requests that workers remember, as far as the caller may see them. */

/** What a question is about: everything, or one stage. */
export interface RequestScope {
  readonly service?: string | undefined
  readonly stage?: string | undefined
}

/** The ids of the stages that a question is about; null for all requests, those that no stage was found for too. */
export async function stagesInScope(unit: Unit, actor: Actor, scope: RequestScope): Promise<string[] | null> {
  if (scope.service !== undefined && scope.stage !== undefined) {
    const stage = await findStage(unit, await findService(unit, scope.service), scope.stage)
    return [stage.id]
  }
  const services = visibleServices(actor)
  if (services === null) return null
  const stages = await Promise.all(services.map((id) => unit.stages.ofService(id)))
  return stages.flat().map(({ id }) => id)
}

/** A page of requests, the newest first, and where the next one begins; null at the end. */
export async function listRequests(
  book: RequestBook,
  filter: RequestFilter,
  before: RequestPlace | null,
  limit: number,
): Promise<{ items: RecentRequest[]; next: RequestPlace | null }> {
  const found = await book.list(filter, before, limit + 1)
  const items = found.slice(0, limit)
  return {
    items: items.map(({ request }) => request),
    next: found.length > limit ? (items.at(-1)?.place ?? null) : null,
  }
}

/** The request of an id. Throws `NotFound`, also where the caller may not see it: what there is elsewhere is not for everybody. */
export async function findRequest(
  book: RequestBook,
  visible: readonly string[] | null,
  id: string,
): Promise<RecentRequest> {
  const found: PlacedRequest | null = await book.find(id)
  if (found === null || (visible !== null && !visible.includes(found.stageId))) throw new NotFound('request', id)
  return found.request
}
