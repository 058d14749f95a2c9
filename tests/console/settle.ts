import type { Page } from 'playwright-core'

/** Waits until a view is drawn: its heading is there, nothing is being loaded, nothing moves. Live feeds stay open. */
export async function settle(page: Page): Promise<void> {
  await page.getByRole('heading').first().waitFor()
  await page.waitForFunction(
    `document.querySelector('[role=status][aria-label^="Loading"], .mantine-Loader-root, .mantine-Skeleton-root') === null`,
  )
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished))',
  )
}
