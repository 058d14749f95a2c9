import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'

/** Rules are looked at every few seconds. */
const LOOK_MS = 5_000

/** The rules of all stages that the reader may see. */
export const allAlertsQuery = queryOptions({
  queryKey: ['alerts'],
  refetchInterval: LOOK_MS,
  queryFn: () => answer(api.GET('/api/v1/alerts')),
})

/** The rules of a stage. */
export const stageAlertsQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'alerts'],
    refetchInterval: LOOK_MS,
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/alerts', { params: { path: { serviceId, stageId } } }),
      ),
  })
