import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { notifyDone } from '../../components/notify.ts'
import { useT as useCommon } from '../../i18n/index.tsx'
import { Collided, type Collision, type Draft, type Place, writeOver } from './write-over.ts'

interface Saving<T> extends Place<T> {
  readonly service: string
  readonly draft: Draft | undefined
  /** Told what has been saved. */
  readonly onSaved: (changes: Draft['changes']) => void
}

/** Saves a draft: only the fields that one has changed are sent, and only over what one has seen. */
export function useSaveDraft<T extends object>({ service, draft, onSaved, ...place }: Saving<T>) {
  const t = useCommon()
  const queries = useQueryClient()
  const [collision, setCollision] = useState<Collision | null>(null)
  const saving = useMutation({
    async mutationFn(seen: Collision | null) {
      if (draft === undefined) return {}
      await writeOver(place, draft, seen)
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
    overwrite: () => saving.mutate(collision),
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
