import { Button, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useT } from '../i18n/index.tsx'
import { useConfirm } from './confirm.tsx'
import { notifyFailed } from './notify.ts'

interface DeleteButtonProps {
  readonly name: string
  /** What is in its way: it is in use there. Null for nothing. */
  readonly inUse: { readonly title: string; readonly hint: string; readonly uses: ReactNode } | null
  readonly remove: () => Promise<unknown>
  readonly onRemoved: () => Promise<unknown>
}

/** A button that deletes what its page is about, once that is confirmed; where it is in use it says where, and does nothing. */
export function DeleteButton({ name, inUse, remove, onRemoved }: DeleteButtonProps) {
  const t = useT()
  const confirm = useConfirm()
  const removal = useMutation({ mutationFn: remove, onSuccess: onRemoved, onError: notifyFailed })
  const ask = () => {
    if (inUse === null) {
      const onConfirm = () => removal.mutate()
      return confirm({ title: t('confirm.delete', { name }), action: t('action.delete'), onConfirm })
    }
    confirm({
      title: inUse.title,
      children: (
        <Stack>
          <Text size="sm">{inUse.hint}</Text>
          {inUse.uses}
        </Stack>
      ),
    })
  }
  return (
    <Button variant="subtle" color="red" loading={removal.isPending} onClick={ask}>
      {t('action.delete')}
    </Button>
  )
}
