import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'

const PAGE = 50

/** Services by name, a page at a time. */
export const servicesQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['services', { q }],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      answer(api.GET('/api/v1/services', { params: { query: { q, after: pageParam, limit: PAGE } } })),
    getNextPageParam: ({ next }) => next ?? undefined,
  })

/** One service, with its ETag. */
export const serviceQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId],
    queryFn: () => versioned(api.GET('/api/v1/services/{serviceId}', { params: { path: { serviceId } } })),
  })
