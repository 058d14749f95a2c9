import type { Page } from 'playwright-core'
import { sleep } from '../processes.ts'

/** What the page itself sees of its long tasks (those of 50 ms and more, which is what browsers tell of) and of its content. */

export interface Observed {
  /** When what was looked for was drawn, in ms since the navigation; 0 where it was not. */
  readonly contentMs: number
  readonly lastTaskEndMs: number
  readonly longestMs: number
}

/** Without a long task for that long, a page answers whoever uses it. */
const QUIET_MS = 1_000
const POLL_MS = 100

/** Begins with the next navigation of the page: notes long tasks, and when there is something that `selector` names. */
export async function observe(page: Page, selector = 'main'): Promise<void> {
  await page.addInitScript({ content: `(${script})(${JSON.stringify(selector)})` })
}

/** Runs in the page, so it is a text: TypeScript of the program knows no DOM. */
const script = `(selector) => {
  const seen = { contentMs: 0, lastTaskEndMs: 0, longestMs: 0 }
  window.observed = seen
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      seen.lastTaskEndMs = Math.max(seen.lastTaskEndMs, startTime + duration)
      seen.longestMs = Math.max(seen.longestMs, duration)
    }
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    if (document.querySelector(selector) === null) requestAnimationFrame(look)
    else seen.contentMs = performance.now()
  }
  requestAnimationFrame(look)
}`

/** Waits until the content is there and no long task has come for a while, and gives what was seen. */
export async function answered(page: Page): Promise<Observed> {
  for (; ; await sleep(POLL_MS)) {
    const { nowMs, ...seen } = await page.evaluate<Observed & { readonly nowMs: number }>(
      '({ ...window.observed, nowMs: performance.now() })',
    )
    if (seen.contentMs > 0 && nowMs - Math.max(seen.contentMs, seen.lastTaskEndMs) > QUIET_MS) return seen
  }
}

/** The longest of them since it was asked for last. */
export function longestTask(page: Page): Promise<number> {
  return page.evaluate<number>('(() => { const ms = observed.longestMs; observed.longestMs = 0; return ms })()')
}
