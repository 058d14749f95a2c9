import { notifications } from '@mantine/notifications'

/** Says in a corner that something has been done; a screen reader says it too. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'teal', autoClose: 3_000, withBorder: true, role: 'status' })
}

/** Says that something has failed, until it is closed. */
export function notifyFailed(error: Error): void {
  notifications.show({ message: error.message, color: 'red', autoClose: false, withBorder: true, role: 'alert' })
}
