import { queryOptions } from '@tanstack/react-query'
import { answer, api, ifMatch, versioned } from '../../api/client.ts'
import type { Policy, PolicyValue } from '../../api/model.ts'
import { savePart } from '../../api/save-part.ts'

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
    queryFn: () => readPolicy(serviceId, policyName),
  })

const readPolicy = (serviceId: string, policyName: string) =>
  versioned(
    api.GET('/api/v1/services/{serviceId}/policies/{policyName}', { params: { path: { serviceId, policyName } } }),
  )

/** What of a policy can be changed, beside its values. */
export type PolicySettings = Omit<Policy, 'name' | 'values'>

export const settingsOf = (policy: Policy): PolicySettings => ({
  description: policy.description,
  key: policy.key,
  requestsPerSecond: policy.requestsPerSecond,
  unlisted: policy.unlisted,
  remainingHeader: policy.remainingHeader,
})

/** Saves the settings of a policy, if they still are what they were. */
export function saveSettings(serviceId: string, policyName: string, before: PolicySettings, settings: PolicySettings) {
  const read = async () => {
    const { value, etag } = await readPolicy(serviceId, policyName)
    return { value: settingsOf(value), etag }
  }
  return savePart(read, before, (etag) =>
    answer(
      api.PATCH('/api/v1/services/{serviceId}/policies/{policyName}', {
        params: { path: { serviceId, policyName } },
        body: settings,
        ...ifMatch(etag),
      }),
    ),
  )
}

/** Sets one value, if what is said of it still is what it was; null takes it out. */
export function saveValue(
  serviceId: string,
  policyName: string,
  value: string,
  before: PolicyValue | undefined,
  next: PolicyValue | null,
) {
  const read = async () => {
    const policy = await readPolicy(serviceId, policyName)
    return { value: policy.value.values.find((one) => one.value === value), etag: policy.etag }
  }
  const at = '/api/v1/services/{serviceId}/policies/{policyName}/values/{value}'
  const params = { path: { serviceId, policyName, value } }
  return savePart<PolicyValue | undefined, unknown>(read, before, (etag) => {
    if (next === null) return answer(api.DELETE(at, { params, ...ifMatch(etag) }))
    const { value: _, ...body } = next
    return answer(api.PUT(at, { params, body, ...ifMatch(etag) }))
  })
}
