/** A command that failed, said to people: one sentence with its remedy. */
export class Failure extends Error {
  /** 1: the server or the operation; 2: how the command was called. */
  readonly exitCode: 1 | 2
  readonly code: string
  /** Every single problem, where there are several. */
  readonly errors: readonly FieldProblem[]

  constructor(
    message: string,
    {
      exitCode = 1,
      code = 'failed',
      errors = [],
    }: { exitCode?: 1 | 2; code?: string; errors?: readonly FieldProblem[] } = {},
  ) {
    super(message)
    this.exitCode = exitCode
    this.code = code
    this.errors = errors
  }
}

/** One wrong field, as the API tells it, and where it is in a file that the command has read. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
  readonly file?: string
  readonly line?: number
}
