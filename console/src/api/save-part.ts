import { ApiProblem, type Versioned } from './client.ts'

/** Saving a part of something whose version is that of the whole. */

/** Somebody else has changed the same part meanwhile. */
export class ChangedMeanwhile<Part = unknown> extends Error {
  /** As it is now. */
  readonly theirs: Part

  constructor(theirs: Part) {
    super('Somebody else has changed this meanwhile.')
    this.theirs = theirs
  }
}

/** Others may change other parts of the same whole all the time: then it is tried again. */
const MOST_TRIES = 5

/**
 * Saves a part, if it still is what it was when the editing began, whatever has become of the rest. `save` is given the ETag of what was
 * read just before, so that nothing is lost in between either. Throws `ChangedMeanwhile`.
 */
export async function savePart<Part, Saved>(
  read: () => Promise<Versioned<Part>>,
  before: Part,
  save: (etag: string) => Promise<Saved>,
  tries = MOST_TRIES,
): Promise<Saved> {
  const { value, etag } = await read()
  if (!isSameJson(value, before)) throw new ChangedMeanwhile(value)
  try {
    return await save(etag)
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 412 && tries > 1) return savePart(read, before, save, tries - 1)
    throw error
  }
}

/** Whether two values read the same; what is undefined is not there. */
export const isSameJson = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
