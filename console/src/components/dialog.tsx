import { Button, type ButtonProps, Modal, type ModalProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useBlocker } from '@tanstack/react-router'
import { createContext, type ReactNode, type RefObject, useContext, useRef } from 'react'
import { useT } from '../i18n/index.tsx'
import { useAskToLeave } from './leave.tsx'

/** What is around a form in a dialog. */
interface Frame {
  /** Whether something has been typed that would be lost. */
  readonly isTyped: RefObject<boolean>
  /** Closes the dialog, after asking where something would be lost. */
  close(): void
}

const FrameContext = createContext<Frame | null>(null)

export function useFrame(): Frame {
  const frame = useContext(FrameContext)
  if (frame === null) throw new Error('there is no Dialog around this form')
  return frame
}

interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly size?: ModalProps['size']
  readonly children: ReactNode
}

/**
 * A dialog that asks for something; what is in it begins anew whenever it is opened, and the focus returns to where it was. Nothing that
 * was typed is lost by a slip of the hand: a click beside it does nothing, and whatever else would close it asks first.
 */
export function Dialog({ title, isOpen, onClose, size = 'md', children }: DialogProps) {
  const t = useT()
  const isTyped = useRef(false)
  const { ask, isAsking } = useAskToLeave()
  useBlocker({
    disabled: !isOpen,
    shouldBlockFn: () => isTyped.current && !window.confirm(t('confirm.leave')),
    enableBeforeUnload: () => isTyped.current,
  })
  const leave = () => {
    isTyped.current = false
    onClose()
  }
  const close = () => (isTyped.current ? ask(leave) : leave())
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={title}
      size={size}
      closeOnClickOutside={false}
      closeOnEscape={!isAsking}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <FrameContext value={{ isTyped, close }}>{children}</FrameContext>
    </Modal>
  )
}

interface DialogButtonProps extends Pick<ButtonProps, 'size' | 'variant' | 'leftSection'> {
  /** What the button says. */
  readonly label: string
  /** What the dialog is called, where that is something else. */
  readonly title?: string
  /** What a screen reader says of the button, where the label alone does not tell. */
  readonly ariaLabel?: string
  readonly dialogSize?: ModalProps['size']
  /** What is in the dialog. `close` closes it when all is done. */
  readonly children: (close: () => void) => ReactNode
}

/** A button, and the dialog that it opens. */
export function DialogButton({
  label,
  title = label,
  ariaLabel,
  dialogSize,
  leftSection = <IconPlus size={16} aria-hidden />,
  children,
  ...button
}: DialogButtonProps) {
  const [isOpen, { open, close }] = useDisclosure()
  return (
    <>
      <Button {...button} leftSection={leftSection} aria-label={ariaLabel} onClick={open}>
        {label}
      </Button>
      <Dialog title={title} isOpen={isOpen} onClose={close} size={dialogSize}>
        {children(close)}
      </Dialog>
    </>
  )
}
