import { queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'

/** The restriction policies of a service, without their values. */
export const policiesQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'policies'],
    queryFn: () => answer(api.GET('/api/v1/services/{serviceId}/policies', { params: { path: { serviceId } } })),
  })

/** One policy with all of its values and where it is in use, with the ETag of the service. */
export const policyQuery = (serviceId: string, policyName: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'policies', policyName],
    queryFn: () =>
      versioned(
        api.GET('/api/v1/services/{serviceId}/policies/{policyName}', { params: { path: { serviceId, policyName } } }),
      ),
  })
