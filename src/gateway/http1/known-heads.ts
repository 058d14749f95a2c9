import type { ReceivedFields } from '../../lib/headers/received-fields.ts'
import type { KeptBytes } from './bytes-before.ts'

/** The fields of a head: as bytes, for comparison, and as they were read. */
export interface KnownHead {
  readonly bytes: KeptBytes
  readonly fields: ReceivedFields
}

/** Of so many different heads. When there are more, all are forgotten: those that still come are soon there again. */
const MOST_KNOWN = 256

/**
 * Heads that came twice in a row on one connection. Connections of clients that are alike send the same fields: they read one copy of
 * them, which is at hand in the caches of the processor when the next of them has its turn, and takes its memory once.
 */
export class KnownHeads {
  private readonly heads = new Map<string, KnownHead>()

  /** The head with these fields: the one that is known, or else the given one, from now on. */
  share(text: string, make: () => KnownHead): KnownHead {
    const known = this.heads.get(text)
    if (known !== undefined) return known
    if (this.heads.size === MOST_KNOWN) this.heads.clear()
    const made = make()
    this.heads.set(text, made)
    return made
  }
}
