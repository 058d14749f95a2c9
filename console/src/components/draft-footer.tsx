import { Button, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ChangedMeanwhile } from '../api/save-part.ts'
import { useT } from '../i18n/index.tsx'
import { ConflictAlert } from './conflict.tsx'
import { ProblemAlert } from './problem-alert.tsx'
import type { Draft } from './use-draft.ts'

interface DraftFooterProps<T> {
  readonly draft: Draft<T>
  /** How the saving of it stands: a mutation. */
  readonly saving: { readonly error: Error | null; readonly isPending: boolean; reset(): void }
  /** Saves the draft, if what it began with, or what somebody else has made of it, is still there. */
  readonly onSave: (before: T) => void
  /** Drops what was typed. */
  readonly onDiscard: () => void
  /** What is shown cannot be saved so. */
  readonly isHeld: boolean
  readonly isReadOnly: boolean
  /** What is read anew where theirs is taken. */
  readonly queryKey: readonly string[]
  /** What else can be done with it. */
  readonly children: ReactNode
}

/** Below the form of a draft: what was refused, both versions where somebody else was faster, and the buttons. Saving submits the form. */
export function DraftFooter<T>(props: DraftFooterProps<T>) {
  const { draft, saving, onSave, onDiscard, isHeld, isReadOnly, queryKey, children } = props
  const t = useT()
  const queries = useQueryClient()
  const { error } = saving
  return (
    <>
      {error instanceof ChangedMeanwhile ? (
        <ConflictAlert
          theirs={error.theirs}
          yours={draft.value}
          onTakeTheirs={() => {
            onDiscard()
            saving.reset()
            void queries.invalidateQueries({ queryKey })
          }}
          onOverwrite={() => {
            // What was read of the same thing.
            const theirs = error.theirs as T
            draft.rebase(theirs)
            onSave(theirs)
          }}
        />
      ) : (
        <ProblemAlert error={error} />
      )}
      {!isReadOnly && (
        <Group justify="space-between">
          {children}
          <Group>
            {(draft.isDirty || isHeld) && (
              <Button variant="default" onClick={onDiscard}>
                {t('action.discard')}
              </Button>
            )}
            <Button type="submit" loading={saving.isPending} disabled={!draft.isDirty || isHeld}>
              {t('action.save')}
            </Button>
          </Group>
        </Group>
      )}
    </>
  )
}
