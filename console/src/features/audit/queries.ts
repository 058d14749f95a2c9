import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'

const PAGE = 50

/** Which entries of the log are wanted. */
export interface AuditFilter {
  readonly actor?: string
  readonly action?: string
  readonly kind?: string
  readonly objectId?: string
  readonly service?: string
  readonly from?: string
  readonly to?: string
}

const read = (filter: AuditFilter, before: string) =>
  answer(
    api.GET('/api/v1/audit', {
      params: { query: { ...filter, limit: PAGE, ...(before !== '' && { before }) } },
    }),
  )

/** An entry of the log. */
export type AuditEntry = Awaited<ReturnType<typeof read>>['items'][number]

/** Entries of the log, the newest first, a page at a time. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'list', filter],
    initialPageParam: '',
    queryFn: ({ pageParam }) => read(filter, pageParam),
    getNextPageParam: ({ items }) => (items.length < PAGE ? undefined : items.at(-1)?.id),
  })

/** One entry. */
export const entryQuery = (entryId: string) =>
  queryOptions({
    queryKey: ['audit', entryId],
    queryFn: () => answer(api.GET('/api/v1/audit/{entryId}', { params: { path: { entryId } } })),
  })
