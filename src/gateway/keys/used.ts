/**
 * What was used of a quota, as one word: the number of the period modulo 4, and the count. So one compare-and-exchange both
 * counts and begins anew where the period has changed, and nobody has to clear anything at midnight. A word of an earlier period is
 * cleared some time in the period after it (`KeyRegistry.maintain`), so that none gets so old that it looks like the next one.
 */

const COUNT_BITS = 30
const COUNT_MASK = 2 ** COUNT_BITS - 1

/** The word of a count in a period. */
export function usedWord(period: number, count: number): number {
  return ((period & 3) << COUNT_BITS) | count
}

/**
 * The period that a word is of, as seen from `period`. One ahead is not stale: somebody whose clock is a moment ahead has begun the next
 * one, and whoever is behind counts there too.
 */
export function periodOfWord(word: number, period: number): number {
  if ((word & COUNT_MASK) === 0) return period
  const ahead = ((word >>> COUNT_BITS) - period) & 3
  return ahead === 1 ? period + 1 : ahead === 0 ? period : period - (4 - ahead)
}

/** The count of a word that is of `period`, or of the one that has just begun; 0 where it is of an earlier one. */
export function usedIn(word: number, period: number): number {
  return periodOfWord(word, period) < period ? 0 : word & COUNT_MASK
}
