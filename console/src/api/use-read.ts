import {
  type DefaultError,
  type DefaultedInfiniteQueryObserverOptions,
  type InfiniteData,
  InfiniteQueryObserver,
  notifyManager,
  type QueryKey,
  QueryObserver,
  type UseInfiniteQueryOptions,
  type UseInfiniteQueryResult,
  type UseQueryOptions,
  type UseQueryResult,
  useQueryClient,
} from '@tanstack/react-query'
import { startTransition, useEffect, useReducer, useRef, useState } from 'react'

/**
 * Reads as `useQuery` does, for pages that draw much of what they read: what comes is drawn in pieces, between which the page answers
 * to whoever uses it. The library's own hooks draw all of it at once.
 */
export function useRead<Answer, Data = Answer, Key extends QueryKey = QueryKey>(
  options: UseQueryOptions<Answer, DefaultError, Data, Key>,
): UseQueryResult<Data> {
  const client = useQueryClient()
  const asked = { ...client.defaultQueryOptions(options), ...OPTIMISTIC }
  const [observer] = useState(() => new QueryObserver(client, asked))
  const result = observer.getOptimisticResult(asked)
  useEffect(() => observer.setOptions(asked))
  useNews(observer, result)
  return observer.trackResult(result)
}

/** The same for what comes page by page: as `useInfiniteQuery`. */
export function useReadPages<Answer, Data = InfiniteData<Answer>, Key extends QueryKey = QueryKey, Page = unknown>(
  options: UseInfiniteQueryOptions<Answer, DefaultError, Data, Key, Page>,
): UseInfiniteQueryResult<Data> {
  const client = useQueryClient()
  // The type of the client's method forgets what only pages have.
  const asked = { ...client.defaultQueryOptions(options), ...OPTIMISTIC } as DefaultedInfiniteQueryObserverOptions<
    Answer,
    DefaultError,
    Data,
    Key,
    Page
  >
  const [observer] = useState(() => new InfiniteQueryObserver(client, asked))
  const result = observer.getOptimisticResult(asked)
  useEffect(() => observer.setOptions(asked))
  useNews(observer, result)
  return observer.trackResult(result) as UseInfiniteQueryResult<Data>
}

/** What will be fetched as soon as the component is there is said to be fetched already. */
const OPTIMISTIC = { _optimisticResults: 'optimistic' } as const

/** What of a result is drawn. */
interface Drawn {
  readonly data: unknown
  readonly error: unknown
  readonly status: string
  readonly fetchStatus: string
}

interface Observed {
  subscribe(listener: () => void): () => void
  updateResult(): void
  getCurrentResult(): Drawn
}

/** Draws the component anew whenever there is something new. Nobody waits for it: what is typed meanwhile comes first. */
function useNews(observer: Observed, result: Drawn): void {
  const [, drawAnew] = useReducer((times: number) => times + 1, 0)
  const drawn = useRef(result)
  useEffect(() => {
    drawn.current = result
  })
  useEffect(() => listen(observer, drawn.current, () => startTransition(drawAnew)), [observer])
}

/** Calls `tell` for all that comes from now on, and for what has come since `drawn`: of that the observer has told nobody. */
export function listen(observer: Observed, drawn: Drawn, tell: () => void): () => void {
  const end = observer.subscribe(notifyManager.batchCalls(tell))
  observer.updateResult()
  const { data, error, status, fetchStatus } = observer.getCurrentResult()
  const isDrawn =
    data === drawn.data && error === drawn.error && status === drawn.status && fetchStatus === drawn.fetchStatus
  if (!isDrawn) tell()
  return end
}
