import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useT } from '../i18n/index.tsx'
import { closeButtonProps } from './notify.ts'

/** Long enough to see it and to change one's mind. */
const OPEN_MS = 10_000

/**
 * Says what has been done, with a button that takes it back. What can be put back as it was is taken away at once, with this; all
 * else asks first.
 */
export function useNotifyUndo(): (message: string, onUndo: () => void) => void {
  const label = useT()('action.undo')
  return (message, onUndo) => notifyUndo(message, label, onUndo)
}

function notifyUndo(message: string, label: string, onUndo: () => void): void {
  const id = notifications.show({
    color: 'teal',
    autoClose: OPEN_MS,
    withBorder: true,
    role: 'status',
    closeButtonProps: closeButtonProps(),
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id)
            onUndo()
          }}
        >
          {label}
        </Button>
      </Group>
    ),
  })
}
