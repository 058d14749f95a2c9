import type { Page } from 'playwright-core'

/** What is shown while something is read. */
const LOADING = '[role=status][aria-label^="Loading"], .mantine-Loader-root, .mantine-Skeleton-root'

/** What stands in the page until the console has come. */
const COMING = '#root .coming'

/** Waits until a view is drawn: its heading is there, nothing is being loaded, nothing moves. Live feeds stay open. */
export async function settle(page: Page): Promise<void> {
  await page.locator(COMING).waitFor({ state: 'detached' })
  await page.getByRole('heading').first().waitFor()
  const loading = page.locator(LOADING)
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'detached' })
  await animationsEnd(page)
}

/** Until the view of the address is there: before that the page shows the one of before, whose links and forms work. */
const IS_THERE = `
  const isThere = ({ status, isLoading, location, resolvedLocation }) =>
    status === 'idle' && !isLoading && location.href === __TSR_ROUTER__.latestLocation.href && resolvedLocation?.href === location.href
  do await new Promise(requestAnimationFrame)
  while (!isThere(__TSR_ROUTER__.state))
`

/** Waits until a page has come that is gone to: its address comes before it. */
export async function arrive(page: Page, url: RegExp): Promise<void> {
  await page.waitForURL(url)
  await page.evaluate(`(async () => {${IS_THERE}})()`)
}

/**
 * Goes to another view as a link does: the page stays, and what it has loaded. Back when the view is in the page; `settle` waits
 * for what it reads. The first visit of a page is a `goto`.
 */
export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate(`(async () => {
    history.pushState({}, '', ${JSON.stringify(path)})
    ${IS_THERE}
  })()`)
}

/** Waits for what moves to come to rest; what moves for ever is left out. */
export async function animationsEnd(page: Page): Promise<void> {
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished))',
  )
}
