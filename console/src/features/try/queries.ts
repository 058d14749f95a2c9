import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import { routesOfDocument, routesOfSnapshot } from './routes-of.ts'

/** The routes that requests can be made for: those of a deployment by its number, or of the draft. */
export const routesQuery = (serviceId: string, stageId: string, deployment: number | null) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'routes', deployment],
    async queryFn() {
      const document = await answer(
        api.GET('/api/v1/services/{serviceId}/openapi', {
          params: { path: { serviceId }, query: { format: 'openapi-3.1' } },
        }),
      )
      if (deployment === null) return routesOfDocument(document)
      const path = { serviceId, stageId, number: deployment }
      const snapshot = await answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/deployments/{number}/snapshot', { params: { path } }),
      )
      return routesOfSnapshot(snapshot, document)
    },
  })
