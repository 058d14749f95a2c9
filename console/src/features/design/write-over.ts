import { ApiProblem, type Versioned } from '../../api/client.ts'
import { isSame } from './same.ts'

/** Writing of what has been edited over what is there: never over what one has not seen. */

const PRECONDITION_FAILED = 412

/** What one began with, and the fields that one has changed. */
export interface Draft {
  readonly base: Readonly<Record<string, unknown>>
  readonly changes: Readonly<Record<string, unknown>>
}

/** What both have changed: theirs and ours. */
export interface Collision {
  readonly theirs: Readonly<Record<string, unknown>>
  readonly yours: Readonly<Record<string, unknown>>
  /** All of it, as it was read. */
  readonly now: Versioned<object>
}

/** Somebody else has changed the same fields. */
export class Collided extends Error {
  readonly collision: Collision

  constructor(collision: Collision) {
    super('changed by somebody else')
    this.collision = collision
  }
}

/** Where a draft is written to. */
export interface Place<T> {
  /** What is there, as far as is known. */
  readonly current: Versioned<T>
  /** Reads what is there now. */
  readonly read: () => Promise<Versioned<T>>
  readonly write: (changes: object, etag: string) => Promise<unknown>
}

/**
 * Writes the changes of a draft. The ETag is that of the whole service: where somebody has changed another part of it, nothing
 * collides and the writing goes on by itself. `seen` is what one has decided to write over. Throws `Collided` where the same fields
 * are neither what one began with nor what one has seen.
 */
export async function writeOver<T extends object>(
  place: Place<T>,
  draft: Draft,
  seen: Collision | null,
): Promise<void> {
  const { current, read, write } = place
  const base = { ...draft.base, ...seen?.theirs }
  const known = seen?.now ?? current
  assertUntouched(base, draft.changes, known)
  try {
    await write(draft.changes, known.etag)
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== PRECONDITION_FAILED) throw error
    const now = await read()
    assertUntouched(base, draft.changes, now)
    await write(draft.changes, now.etag)
  }
}

function assertUntouched(base: Draft['base'], changes: Draft['changes'], now: Versioned<object>): void {
  const theirs = Object.fromEntries(Object.entries(now.value).filter(([field]) => field in changes))
  if (Object.entries(theirs).some(([field, at]) => !isSame(at, base[field])))
    throw new Collided({ theirs, yours: changes, now })
}
