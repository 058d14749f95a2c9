import { notifications } from '@mantine/notifications'

/** What the button that closes a notification is called. They are shown from outside of what knows the language; the page says it. */
const close: Readonly<Record<string, string>> = { en: 'Close', ko: '닫기' }
export const closeButtonProps = () => ({ 'aria-label': close[document.documentElement.lang] ?? 'Close' })

/** Says in a corner that something has been done; a screen reader says it too. */
export function notifyDone(message: string): void {
  notifications.show({
    message,
    color: 'teal',
    autoClose: 3_000,
    withBorder: true,
    role: 'status',
    closeButtonProps: closeButtonProps(),
  })
}

/** Says that something has failed, until it is closed. */
export function notifyFailed(error: Error): void {
  notifications.show({
    message: error.message,
    color: 'red',
    autoClose: false,
    withBorder: true,
    role: 'alert',
    closeButtonProps: closeButtonProps(),
  })
}
