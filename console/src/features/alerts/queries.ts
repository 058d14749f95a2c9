import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import type { Alert } from '../../api/model.ts'

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

const urgency = { firing: 0, pending: 1, resolved: 2, ok: 3 } as const

/** What is not well comes first, and what has been so for longest. */
export function byUrgency(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted(
    (a, b) => urgency[a.state] - urgency[b.state] || a.since.localeCompare(b.since) || a.name.localeCompare(b.name),
  )
}
