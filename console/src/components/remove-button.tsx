import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useT } from '../i18n/index.tsx'
import { useConfirm } from './confirm.tsx'
import { notifyDone, notifyFailed } from './notify.ts'

interface RemoveButtonProps {
  /** What the button says, and the one that confirms; left out, that it deletes. */
  readonly action?: string
  /** What a screen reader says of it: what is taken away. */
  readonly label: string
  /** What is asked first, and what will happen. */
  readonly title: string
  readonly text: string
  readonly remove: () => Promise<unknown>
  /** What is said when it is done; left out, that it is deleted. */
  readonly done?: string
  /** What is read anew, whatever came of it. */
  readonly queryKey: readonly string[]
}

/** A button of a row that takes away what the row is about, once that is confirmed. */
export function RemoveButton({ action, label, title, text, remove, done, queryKey }: RemoveButtonProps) {
  const t = useT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: () => notifyDone(done ?? t('state.deleted')),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
  const shown = action ?? t('action.delete')
  const ask = () => confirm({ title, children: text, action: shown, onConfirm: () => removal.mutate() })
  return (
    <Button size="xs" variant="default" loading={removal.isPending} aria-label={label} onClick={ask}>
      {shown}
    </Button>
  )
}
