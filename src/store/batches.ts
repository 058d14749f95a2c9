/** Rows per statement: far below what any dialect allows of parameters, and enough to make statements few. */
const BATCH = 500

/** Runs `work` on all `items`, some at a time; not at all for none. */
export async function inBatches<T>(
  items: readonly T[],
  work: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) await work(items.slice(start, start + BATCH))
}
