/** One number that was measured, beside the most that it should be. */
export interface Finding {
  readonly what: string
  readonly measured: number
  /** Null for what is only there to compare with. */
  readonly aim: number | null
  readonly unit: string
  /** Above the aim something is broken, not only slow: the run fails. */
  readonly isFault?: boolean
}
