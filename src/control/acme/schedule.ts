import { chainFacts } from '../../lib/certificate-chain.ts'

/** When certificates are renewed, and when what has failed is tried again. */

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** After the first failure; twice as long after each further one. */
const FIRST_WAIT_MS = 5 * MINUTE_MS
/** Authorities count failures, and let nobody have many of them. */
const LONGEST_WAIT_MS = DAY_MS
const RENEW_AFTER_SHARE = 2 / 3

/** When a certificate is renewed: when two thirds of its time are over, which leaves a month of those that hold three. */
export function renewalOf(chain: string): number {
  const { notBefore, notAfter } = chainFacts(chain)
  const [from, until] = [Date.parse(notBefore), Date.parse(notAfter)]
  return from + (until - from) * RENEW_AFTER_SHARE
}

/** When something is tried again that has failed so many times in a row; `random` (0 to 1) keeps many from coming at once. */
export function retryOf(failures: number, now: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS)
  return now + wait * (0.8 + 0.4 * random)
}
