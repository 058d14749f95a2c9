import { useState } from 'react'
import { isSameJson } from '../api/save-part.ts'

/** Something that is edited: as it is now where nobody has begun, and kept from then on, whatever is read anew. */
export interface Draft<T> {
  readonly value: T
  /** What it was when the editing began. */
  readonly base: T
  readonly isDirty: boolean
  set(value: T): void
  /** Drops what was edited. */
  reset(): void
  /** Goes on with what was edited, from another beginning. */
  rebase(base: T): void
}

export function useDraft<T>(current: T): Draft<T> {
  const [draft, setDraft] = useState<{ readonly base: T; readonly value: T } | null>(null)
  const { base, value } = draft ?? { base: current, value: current }
  return {
    value,
    base,
    isDirty: !isSameJson(base, value),
    set: (next) => setDraft((before) => ({ base: before?.base ?? current, value: next })),
    reset: () => setDraft(null),
    rebase: (next) => setDraft({ base: next, value }),
  }
}
