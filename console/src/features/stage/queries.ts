import { queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'

/** The stages of a service. */
export const stagesQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages'],
    queryFn: () => answer(api.GET('/api/v1/services/{serviceId}/stages', { params: { path: { serviceId } } })),
  })

/** One stage, with its ETag. */
export const stageQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId],
    queryFn: () =>
      versioned(api.GET('/api/v1/services/{serviceId}/stages/{stageId}', { params: { path: { serviceId, stageId } } })),
  })
