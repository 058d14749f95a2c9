import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, type Versioned } from '../../api/client.ts'
import { notifyDone } from '../../components/notify.ts'
import { useT as useCommon } from '../../i18n/index.tsx'
import type { Draft } from './drafts.tsx'
import { isSame } from './same.ts'

/** Saving of what has been edited: only the fields that one has changed are sent, and only over what one has seen. */

const PRECONDITION_FAILED = 412

interface Saving<T> {
  readonly service: string
  readonly draft: Draft | undefined
  readonly current: Versioned<T>
  /** Reads what is there now. */
  readonly read: () => Promise<Versioned<T>>
  readonly write: (changes: object, etag: string) => Promise<unknown>
  /** Told what has been saved. */
  readonly onSaved: (changes: Draft['changes']) => void
}

/** What both have changed: theirs and ours. */
export interface Collision {
  readonly theirs: Readonly<Record<string, unknown>>
  readonly yours: Readonly<Record<string, unknown>>
  readonly etag: string
}

/** Somebody else has changed the same fields. */
class Collided extends Error {
  readonly collision: Collision

  constructor(collision: Collision) {
    super('changed by somebody else')
    this.collision = collision
  }
}

/**
 * Saves a draft. The ETag is that of the whole service: where somebody has changed another part of it, nothing collides and
 * the save goes on by itself.
 */
export function useSaveDraft<T extends object>({ service, draft, current, read, write, onSaved }: Saving<T>) {
  const t = useCommon()
  const queries = useQueryClient()
  const [collision, setCollision] = useState<Collision | null>(null)
  const saving = useMutation({
    async mutationFn(over: string | null) {
      if (draft === undefined) return {}
      if (over !== null) await write(draft.changes, over)
      else await writeOver(draft, { current, read, write })
      return draft.changes
    },
    async onSuccess(changes) {
      // What was typed is shown until what was saved has been read.
      await queries.invalidateQueries({ queryKey: ['services', service] })
      setCollision(null)
      onSaved(changes)
      notifyDone(t('state.saved'))
    },
    onError(error) {
      if (error instanceof Collided) setCollision(error.collision)
    },
  })
  return {
    save: () => saving.mutate(null),
    overwrite: () => saving.mutate(collision?.etag ?? null),
    isSaving: saving.isPending,
    error: saving.error instanceof Collided ? null : saving.error,
    collision,
    /** Forgets what went wrong. */
    clear() {
      saving.reset()
      setCollision(null)
    },
  }
}

type Place<T> = Pick<Saving<T>, 'current' | 'read' | 'write'>

async function writeOver<T extends object>(draft: Draft, { current, read, write }: Place<T>): Promise<void> {
  assertUntouched(draft, current)
  try {
    await write(draft.changes, current.etag)
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== PRECONDITION_FAILED) throw error
    const now = await read()
    assertUntouched(draft, now)
    await write(draft.changes, now.etag)
  }
}

function assertUntouched<T extends object>({ base, changes }: Draft, { value, etag }: Versioned<T>): void {
  const theirs = Object.fromEntries(Object.entries(value).filter(([field]) => field in changes))
  if (Object.entries(theirs).some(([field, value]) => !isSame(value, base[field])))
    throw new Collided({ theirs, yours: changes, etag })
}
