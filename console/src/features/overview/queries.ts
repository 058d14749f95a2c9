import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import { statisticsQuery } from '../dashboard/queries.ts'

/** Numbers of an hour change slowly; those of this second come by a feed. */
const SLOW_MS = 30_000
const STATUS_MS = 5_000
const HOUR = { from: '1h' }

/** The last hour of a stage, by the minute. */
export const lastHourQuery = (service: string, stage: string) => ({
  ...statisticsQuery({ service, stage }, {}, HOUR, false),
  refetchInterval: SLOW_MS,
})

/** The last hour of everything that the reader may see. */
export const everythingQuery = queryOptions({
  queryKey: ['statistics', HOUR],
  refetchInterval: SLOW_MS,
  queryFn: () => answer(api.GET('/api/v1/statistics', { params: { query: HOUR } })),
})

/** What is different between the draft, a stage and what is live. */
export const changesQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'changes'],
    refetchInterval: SLOW_MS,
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/changes', { params: { path: { serviceId, stageId } } }),
      ),
  })

/** The nodes and their workers. */
export const nodesQuery = queryOptions({
  queryKey: ['status'],
  refetchInterval: STATUS_MS,
  queryFn: () => answer(api.GET('/api/v1/status')),
})
