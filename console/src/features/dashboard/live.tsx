import { Badge } from '@mantine/core'
import { useState } from 'react'
import { type FeedState, useFeed } from '../../api/feed.ts'
import type { LiveStep } from './figures.ts'
import { type Part, type Scope, statisticsUrl } from './queries.ts'
import { LIVE_STEPS } from './span.ts'
import { useT } from './texts.ts'

/** What each of the last seconds has brought; nothing is read unless it is wanted. */
export function useLive(scope: Scope, part: Part, isWanted: boolean) {
  const url = statisticsUrl(scope, 'live', part)
  // What came of something else is dropped.
  const [kept, keep] = useState<{ readonly url: string; readonly steps: readonly LiveStep[] }>({ url, steps: [] })
  const state = useFeed(isWanted ? url : null, {
    step: (data) =>
      keep((before) => ({
        url,
        steps: [...(before.url === url ? before.steps : []), data as LiveStep].slice(-LIVE_STEPS),
      })),
  })
  return { state, steps: kept.url === url ? kept.steps : [] }
}

const colors = { connecting: 'gray', live: 'teal', lost: 'red' } as const
const labels = { connecting: 'feedConnecting', live: 'feedLive', lost: 'feedLost' } as const

/** Whether what is shown is still coming. */
export function FeedBadge({ state }: { readonly state: FeedState }) {
  const t = useT()
  return (
    <Badge variant="dot" color={colors[state]} role="status" tt="none">
      {t(labels[state])}
    </Badge>
  )
}
