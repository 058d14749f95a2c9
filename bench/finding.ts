/** One number that was measured, beside the most that it should be, or the least. */
export interface Finding {
  readonly what: string
  readonly measured: number
  /** Null for what is only there to compare with. */
  readonly aim: number | null
  readonly unit: string
  /** The aim is the least that it should be. */
  readonly isLeast?: boolean
  /** Above the aim something is broken, not only slow: the run fails. */
  readonly isFault?: boolean
}

/** Whether what was measured is as it should be. */
export function isMet({ measured, aim, isLeast = false }: Finding): boolean {
  if (aim === null) return true
  return isLeast ? measured >= aim : measured <= aim
}
