import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import type { LogsSearch } from './link.tsx'

/** A stage, by the names of it and its service. */
export interface StageRef {
  readonly service: string
  readonly stage: string
}

const PAGE = 200

/** What the API is asked for. */
export function filterOf({ path, client, minMs, ...same }: LogsSearch) {
  return {
    ...same,
    ...(path !== undefined && { pathContains: path }),
    ...(client !== undefined && { clientIp: client }),
    ...(minMs !== undefined && { minMs: Number(minMs) }),
  }
}

/** The last requests of a stage, the newest first. */
export const requestsQuery = ({ service: serviceId, stage: stageId }: StageRef, search: LogsSearch) =>
  infiniteQueryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'requests', search],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/requests', {
          params: {
            path: { serviceId, stageId },
            query: { ...filterOf(search), limit: PAGE, ...(pageParam !== '' && { before: pageParam }) },
          },
        }),
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  })

/** One request by its id, of whatever stage. */
export const requestQuery = (requestId: string) =>
  queryOptions({
    queryKey: ['requests', requestId],
    queryFn: () => answer(api.GET('/api/v1/requests/{requestId}', { params: { path: { requestId } } })),
  })

export function requestsFeedUrl({ service, stage }: StageRef, search: LogsSearch): string {
  const query = new URLSearchParams(Object.entries(filterOf(search)).map(([name, value]) => [name, String(value)]))
  return `/api/v1/services/${service}/stages/${stage}/requests/live?${query}`
}
