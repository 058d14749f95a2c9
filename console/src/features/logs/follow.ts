import { useEffect, useRef, useState } from 'react'
import { type FeedState, useFeed } from '../../api/feed.ts'
import type { RecentRequest } from '../../api/model.ts'

/** Requests as they come. */

/** The most that are shown of them: older ones are in the list below, as long as the workers remember them. */
const MAX_FOLLOWED = 2_000
/** What comes in between is shown together. */
const GATHER_MS = 200

export interface Followed {
  readonly state: FeedState
  /** The newest first. */
  readonly requests: readonly RecentRequest[]
  /** How many came too fast for the feed. */
  readonly missed: number
}

/** Follows a feed; null follows nothing. `onOpen` is called whenever it is there (again), as something may have come before. */
export function useFollowed(url: string | null, onOpen: () => void): Followed {
  const [kept, keep] = useState<{ readonly url: string | null; readonly requests: readonly RecentRequest[] }>({
    url,
    requests: [],
  })
  const [missed, setMissed] = useState(0)
  /** What has come of a feed and is not shown yet. */
  const waiting = useRef<{ url: string | null; requests: RecentRequest[] }>({ url, requests: [] })
  const timer = useRef<number | undefined>(undefined)
  const show = () => {
    timer.current = undefined
    const came = waiting.current
    waiting.current = { url: came.url, requests: [] }
    keep((before) => ({
      url: came.url,
      requests: [...came.requests.toReversed(), ...(before.url === came.url ? before.requests : [])].slice(
        0,
        MAX_FOLLOWED,
      ),
    }))
  }
  const state = useFeed(url, {
    request(data) {
      if (waiting.current.url !== url) waiting.current = { url, requests: [] }
      waiting.current.requests.push(data as RecentRequest)
      timer.current ??= window.setTimeout(show, GATHER_MS)
    },
    missed: (data) => setMissed((before) => before + (data as { readonly requests: number }).requests),
  })
  useEffect(() => () => window.clearTimeout(timer.current), [])
  const opened = useRef(onOpen)
  useEffect(() => {
    opened.current = onOpen
  })
  useEffect(() => {
    if (url !== null && state === 'live') opened.current()
  }, [url, state])
  return { state, requests: url !== null && kept.url === url ? kept.requests : [], missed }
}
