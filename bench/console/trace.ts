import type { Browser, Page } from 'playwright-core'

/** What Chromium traces of a page. */

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** CPU time of the thread, in microseconds: not what other programs took away meanwhile. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'toplevel', '__metadata']
const TASK = /RunTask$/
const MAIN_THREAD = 'CrRendererMain'

/** The most CPU time in ms that the main thread of a page took for one task while something was done with it. */
export async function longestTaskCpu(browser: Browser, page: Page, use: () => Promise<unknown>): Promise<number> {
  await browser.startTracing(page, { categories: CATEGORIES })
  await use()
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] }
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`
  const mains = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === MAIN_THREAD).map(threadOf),
  )
  const tasks = traceEvents.filter((event) => TASK.test(event.name) && mains.has(threadOf(event)))
  if (tasks.length === 0) throw new Error('the trace has no task of a page: this Chromium names them otherwise')
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1_000
}
