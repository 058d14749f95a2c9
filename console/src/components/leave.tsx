import { Text } from '@mantine/core'
import { useState } from 'react'
import { useT } from '../i18n/index.tsx'
import { useConfirm } from './confirm.tsx'

/** Asks before something is closed that has been typed into. While it asks, Escape is for the question alone. */
export function useAskToLeave(): { readonly isAsking: boolean; ask(onLeave: () => void): void } {
  const t = useT()
  const confirm = useConfirm()
  const [isAsking, setIsAsking] = useState(false)
  return {
    isAsking,
    ask(onLeave) {
      setIsAsking(true)
      confirm({
        title: t('leave.title'),
        children: <Text size="sm">{t('leave.hint')}</Text>,
        action: t('leave.action'),
        onConfirm: onLeave,
        // The press of Escape that answers the question comes to what is behind it, too.
        onClose: () => setTimeout(() => setIsAsking(false)),
      })
    },
  }
}
