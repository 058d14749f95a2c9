import { Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import type { ReactNode } from 'react'
import { type Translate, useT } from '../i18n/index.tsx'

interface Question {
  readonly title: string
  /** What will happen, and whether it can be undone. */
  readonly children?: ReactNode
  /** What the button says that does it. */
  readonly action: string
  readonly onConfirm: () => void
  /** Whatever the answer is. */
  readonly onClose?: () => void
}

/** Asks before something is destroyed. The button that changes nothing has the focus. */
export function useConfirm(): (question: Question) => void {
  const t = useT()
  return ({ title, children, action, onConfirm, onClose }) =>
    modals.openConfirmModal({
      title,
      children: children ?? <CannotBeUndone t={t} />,
      labels: { confirm: action, cancel: t('action.cancel') },
      confirmProps: { color: 'red' },
      cancelProps: { 'data-autofocus': true },
      closeButtonProps: { 'aria-label': t('action.close') },
      onConfirm,
      ...(onClose !== undefined && { onClose }),
    })
}

function CannotBeUndone({ t }: { readonly t: Translate }) {
  return <Text size="sm">{t('confirm.cannotBeUndone')}</Text>
}
