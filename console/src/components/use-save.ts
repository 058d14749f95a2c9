import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, type Versioned } from '../api/client.ts'

/** What `If-Match` did not match. */
const LOST_UPDATE = 412

interface SaveOptions<T> {
  /** The version that the form began with. */
  readonly etag: string
  readonly save: (etag: string) => Promise<unknown>
  /** Reads it as it is now. */
  readonly read: () => Promise<Versioned<T>>
  readonly onSaved: () => void
}

/** A change that is being saved. */
export interface Save<T> {
  /** What somebody else has made of it meanwhile. */
  readonly theirs: Versioned<T> | null
  readonly error: Error | null
  readonly isPending: boolean
  submit(): void
  /** The next save is one of theirs, which the form is to be filled with. */
  takeTheirs(): void
  /** Saves over theirs. */
  overwrite(): void
}

/** Saves what has a version. Where somebody else was faster, `theirs` is what they have made of it: show `ConflictAlert`. */
export function useSave<T>({ etag, save, read, onSaved }: SaveOptions<T>): Save<T> {
  const [theirs, setTheirs] = useState<Versioned<T> | null>(null)
  // What was taken over, so that the next save is one of that.
  const [taken, setTaken] = useState(etag)
  const saving = useMutation({
    async mutationFn(version: string) {
      try {
        await save(version)
      } catch (error) {
        if (error instanceof ApiProblem && error.status === LOST_UPDATE) setTheirs(await read())
        else throw error
        return false
      }
      return true
    },
    onSuccess: (isSaved) => {
      if (isSaved) onSaved()
    },
  })
  return {
    theirs,
    error: saving.error,
    isPending: saving.isPending,
    submit: () => saving.mutate(taken),
    takeTheirs() {
      if (theirs !== null) setTaken(theirs.etag)
      setTheirs(null)
    },
    overwrite() {
      if (theirs === null) return
      setTaken(theirs.etag)
      setTheirs(null)
      saving.mutate(theirs.etag)
    },
  }
}
