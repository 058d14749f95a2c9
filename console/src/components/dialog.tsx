import { Modal, type ModalProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/index.tsx'

interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly size?: ModalProps['size']
  readonly children: ReactNode
}

/** A dialog that asks for something; what is in it begins anew whenever it is opened. A click beside it loses nothing. */
export function Dialog({ title, isOpen, onClose, size = 'md', children }: DialogProps) {
  const t = useT()
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      size={size}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {children}
    </Modal>
  )
}
