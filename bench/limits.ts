/** Cases that measure Turnpike alone against an aim: memory, deployments. */
export interface Limit {
  readonly name: string
  /** Runs it and prints what was measured beside the aim. */
  run(folder: string): Promise<void>
}

export const limits: readonly Limit[] = []
