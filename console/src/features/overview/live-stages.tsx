import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { type FeedState, useFeed } from '../../api/feed.ts'

/** What each second brings, by stage: one feed for the whole page. */

const KEPT_SECONDS = 60
/** The rate is that of so many seconds: of one alone it would only flicker. */
const RATE_SECONDS = 3

interface Step {
  readonly calls: number
  readonly stages: Readonly<Record<string, { readonly calls: number }>>
}

interface Live {
  readonly state: FeedState
  /** The last minute, the oldest first. */
  readonly steps: readonly Step[]
}

const LiveContext = createContext<Live>({ state: 'connecting', steps: [] })

export function LiveStages({ children }: { readonly children: ReactNode }) {
  const [steps, keep] = useState<readonly Step[]>([])
  const state = useFeed('/api/v1/statistics/live?by=stage', {
    step: (data) => keep((before) => [...before, data as Step].slice(-KEPT_SECONDS)),
  })
  const live = useMemo(() => ({ state, steps }), [state, steps])
  return <LiveContext value={live}>{children}</LiveContext>
}

export const useLive = (): Live => useContext(LiveContext)

/** Calls per second now, of a stage or of everything; null as long as nothing is known. */
export function useRate(stageId?: string): number | null {
  const last = useLive().steps.slice(-RATE_SECONDS)
  if (last.length === 0) return null
  const calls = last.map((step) => (stageId === undefined ? step.calls : (step.stages[stageId]?.calls ?? 0)))
  return calls.reduce((sum, one) => sum + one, 0) / last.length
}
