import { useEffect, useRef, useState } from 'react'

/** Server-sent events of the management API, for as long as somebody looks: they end while the page is hidden, and are begun again by themselves. */

/** How a feed is: `lost` until it is there again. */
export type FeedState = 'connecting' | 'live' | 'lost'

/** What is done with each event, by its name; it is given what the event's data is as JSON. */
export type FeedHandlers = Readonly<Record<string, (data: unknown) => void>>

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

/** Opens a feed. Returns what ends it. */
export function openFeed(url: string, handlers: FeedHandlers, onState: (state: FeedState) => void): () => void {
  let source: EventSource | null = null
  let timer: number | undefined
  let retryMs = FIRST_RETRY_MS

  const close = () => {
    window.clearTimeout(timer)
    source?.close()
    source = null
  }
  const open = () => {
    close()
    onState('connecting')
    const opened = new EventSource(url)
    source = opened
    opened.onopen = () => {
      retryMs = FIRST_RETRY_MS
      onState('live')
    }
    opened.onerror = () => {
      onState('lost')
      // A connection that breaks is made again by the browser; what was refused is not.
      if (opened.readyState !== EventSource.CLOSED) return
      timer = window.setTimeout(open, retryMs)
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    }
    for (const [name, take] of Object.entries(handlers))
      opened.addEventListener(name, ({ data }: MessageEvent<string>) => take(JSON.parse(data)))
  }
  const onVisibility = () => (document.hidden ? close() : open())

  document.addEventListener('visibilitychange', onVisibility)
  if (!document.hidden) open()
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    close()
  }
}

/** Reads a feed while the component is there; null for none. Handlers may change without it being opened anew. */
export function useFeed(url: string | null, handlers: FeedHandlers): FeedState {
  const [state, setState] = useState<FeedState>('connecting')
  const current = useRef(handlers)
  useEffect(() => {
    current.current = handlers
  })
  const names = Object.keys(handlers).join(' ')
  useEffect(() => {
    if (url === null) return undefined
    const taking = names.split(' ').map((name) => [name, (data: unknown) => current.current[name]?.(data)] as const)
    return openFeed(url, Object.fromEntries(taking), setState)
  }, [url, names])
  return state
}
