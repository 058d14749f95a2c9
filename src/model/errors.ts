import type { Problem } from '../plugins/plugin.ts'

/** The errors that use cases throw. `api/problem.ts` maps each to a status in one place; nothing compares strings. */
export abstract class UseCaseError extends Error {
  /** Stable, for machines. */
  abstract readonly code: string
}

/** What was asked for does not exist, or not for this caller. */
export class NotFound extends UseCaseError {
  readonly code = 'not-found'
  readonly kind: string

  constructor(kind: string, id: string) {
    super(`There is no ${kind} "${id}".`)
    this.kind = kind
  }
}

/** The request is right in itself but not in the present state: a name taken, a thing in use, a lost update. */
export class Conflict extends UseCaseError {
  readonly code = 'conflict'
}

/** The input breaks rules: all of them are listed, each with the place and the remedy. */
export class Invalid extends UseCaseError {
  readonly code = 'invalid'
  readonly problems: readonly Problem[]

  constructor(message: string, problems: readonly Problem[]) {
    super(message)
    this.problems = problems
  }
}

/** The caller is known but may not do this. */
export class Forbidden extends UseCaseError {
  readonly code = 'forbidden'
}

/** The caller has failed too often and must wait. */
export class TooManyAttempts extends UseCaseError {
  readonly code = 'too-many-attempts'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`There were too many failed attempts: try again in ${retryAfterSeconds} s.`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The caller is not who they say they are. */
export class Unauthenticated extends UseCaseError {
  readonly code = 'unauthorized'
}

/** Somebody else has changed what the caller wants to change: it must be read again. */
export class LostUpdate extends UseCaseError {
  readonly code = 'lost-update'

  constructor(version: number) {
    super(
      `It has been changed since you read it (it is at version ${version} now): read it again and repeat the change.`,
    )
  }
}

/** Something that the use case needs, outside of the program's own hands, has failed. */
export class Unavailable extends UseCaseError {
  readonly code = 'unavailable'
}
