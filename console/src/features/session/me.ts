import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiProblem, answer, api } from '../../api/client.ts'

/** Who is logged in and what they may do; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 60_000,
  async queryFn() {
    try {
      return await answer(api.GET('/api/v1/me'))
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null
      throw error
    }
  },
})

/** Whether the reader may do what takes this permission, everywhere or on a service. What one may not do is not offered. */
export function useMay(permission: 'read' | 'write' | 'admin', serviceId?: string): boolean {
  const { data: me } = useSuspenseQuery(meQuery)
  if (me === null) return false
  const { everywhere, onServices } = me.permissions
  return (
    everywhere.includes(permission) || (serviceId !== undefined && onServices[serviceId]?.includes(permission) === true)
  )
}
