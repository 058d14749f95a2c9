import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'

/** Where programs reach the gateway. */
export const gatewayQuery = queryOptions({
  queryKey: ['status', 'gateway'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => (await answer(api.GET('/api/v1/status'))).gateway,
})

const FIRST_PATHS = 100

/** What can be called without knowing anything: the first paths that have GET and no variable. */
export const firstPathsQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'first-paths'],
    async queryFn() {
      const params = { path: { serviceId }, query: { limit: FIRST_PATHS } }
      const { items } = await answer(api.GET('/api/v1/services/{serviceId}/resources', { params }))
      return items
        .filter(
          ({ path, methods }) => !path.includes('{') && methods.some(({ verb }) => verb === 'GET' || verb === 'ANY'),
        )
        .map(({ path }) => path)
    },
  })
