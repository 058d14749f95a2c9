import type { Page } from 'playwright-core'

/** What is shown while something is read. */
const LOADING = '[role=status][aria-label^="Loading"], .mantine-Loader-root, .mantine-Skeleton-root'

/** Waits until a view is drawn: its heading is there, nothing is being loaded, nothing moves. Live feeds stay open. */
export async function settle(page: Page): Promise<void> {
  await page.getByRole('heading').first().waitFor()
  const loading = page.locator(LOADING)
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'detached' })
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished))',
  )
}
