import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'
import type { ApiKey, Subscription } from '../../api/model.ts'

const PAGE = 50
/** What was used changes while one looks. */
const USAGE_MS = 5_000

/** A key of a list, with what it may call. */
export type ListedKey = ApiKey & { readonly subscriptions: readonly Subscription[] }

/** The orders that are offered. */
export const keyOrders = ['name', '-createdAt', '-lastUsedAt', 'lastUsedAt'] as const
export type KeyOrder = (typeof keyOrders)[number]

/** Which keys are listed. */
export interface KeyFilter {
  readonly q?: string
  readonly plan?: string
  readonly stageId?: string
  readonly sort?: KeyOrder
}

/** Keys, a page at a time: there may be a million of them. */
export const keysQuery = (filter: KeyFilter) =>
  infiniteQueryOptions({
    queryKey: ['keys', 'list', filter],
    initialPageParam: '',
    queryFn: ({ pageParam: after }) =>
      answer(api.GET('/api/v1/keys', { params: { query: { ...filter, after, limit: PAGE } } })),
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const readKey = (keyId: string) => versioned(api.GET('/api/v1/keys/{keyId}', { params: { path: { keyId } } }))

/** One key, with its ETag. */
export const keyQuery = (keyId: string) => queryOptions({ queryKey: ['keys', keyId], queryFn: () => readKey(keyId) })

/** What a key has used, as it is at this moment. */
export const usageQuery = (keyId: string) =>
  queryOptions({
    queryKey: ['keys', keyId, 'usage'],
    refetchInterval: USAGE_MS,
    queryFn: () => answer(api.GET('/api/v1/keys/{keyId}/usage', { params: { path: { keyId } } })),
  })
