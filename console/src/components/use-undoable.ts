import { type UseMutationResult, useMutation } from '@tanstack/react-query'
import { notifyDone, notifyFailed } from './notify.ts'
import { useNotifyUndo } from './notify-undo.tsx'

interface UndoableOptions<Taken> {
  /** Takes something away, and gives what puts it back. */
  readonly take: () => Promise<Taken>
  readonly putBack: (taken: Taken) => Promise<unknown>
  readonly said: { readonly taken: string; readonly back: string }
  /** Reads anew what shows it, whatever came of either. */
  readonly read: () => Promise<unknown>
  /** Leaves the page of what is no longer there. */
  readonly leave?: () => Promise<void>
}

/**
 * Takes away what can be put back as it was, and says so with a button that does. What asks for that may be gone from the page by
 * then, so what goes wrong is a notice.
 */
export function useUndoable<Taken>(options: UndoableOptions<Taken>): UseMutationResult<Taken, Error, void> {
  const { take, putBack, said, read, leave } = options
  const notifyUndo = useNotifyUndo()
  const back = useMutation({
    mutationFn: putBack,
    onSuccess: () => notifyDone(said.back),
    onError: notifyFailed,
    onSettled: read,
  })
  return useMutation({
    mutationFn: take,
    async onSuccess(taken) {
      notifyUndo(said.taken, () => back.mutate(taken))
      await leave?.()
    },
    onError: notifyFailed,
    onSettled: read,
  })
}
