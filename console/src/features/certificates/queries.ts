import { queryOptions } from '@tanstack/react-query'
import { ApiProblem, answer, api, versioned } from '../../api/client.ts'

/** While one is being got, it is looked after it. */
const ATTEMPT_MS = 3_000

const list = () => answer(api.GET('/api/v1/certificates'))
const listManaged = () => answer(api.GET('/api/v1/managed-certificates'))

/** A certificate with what is known of it at this moment. */
export type Certificate = Awaited<ReturnType<typeof list>>['items'][number]
/** One that is got from an authority. */
export type ManagedCertificate = Awaited<ReturnType<typeof listManaged>>['items'][number]

export const certificatesQuery = queryOptions({ queryKey: ['certificates', 'list'], queryFn: list })

export const managedQuery = queryOptions({
  queryKey: ['certificates', 'managed'],
  queryFn: listManaged,
  refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state === 'pending') ? ATTEMPT_MS : false),
})

export const readCertificate = (certificateId: string) =>
  versioned(api.GET('/api/v1/certificates/{certificateId}', { params: { path: { certificateId } } }))

/** One certificate, with its ETag. */
export const certificateQuery = (certificateId: string) =>
  queryOptions({ queryKey: ['certificates', certificateId], queryFn: () => readCertificate(certificateId) })

/** The certificate of the local authority; null where there is none. */
export const authorityQuery = queryOptions({
  queryKey: ['certificates', 'authority'],
  async queryFn() {
    try {
      return (await answer(api.GET('/api/v1/local-authority'))).certificate
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) return null
      throw error
    }
  },
})
