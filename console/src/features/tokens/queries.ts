import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'

/** The tokens that the reader may see: admins all, others their own. */
export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: () => answer(api.GET('/api/v1/tokens')),
})
