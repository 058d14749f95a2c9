import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'

/** The API document of what is live of a stage. */
export const documentQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'document'],
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/openapi', { params: { path: { serviceId, stageId } } }),
      ),
  })

/** The same, for everybody, where the stage makes it public. */
export const publicDocumentQuery = (serviceName: string, stageName: string) =>
  queryOptions({
    queryKey: ['documents', serviceName, stageName],
    queryFn: () =>
      answer(api.GET('/api/v1/documents/{serviceName}/{stageName}', { params: { path: { serviceName, stageName } } })),
  })

/** Where everybody reads it. */
export const publicPath = (service: string, stage: string): string => `/documents/${service}/${stage}`
