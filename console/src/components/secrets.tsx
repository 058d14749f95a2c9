import { Alert, Button, Modal, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useT } from '../i18n/index.tsx'
import { Copyable } from './command.tsx'

/** A value that nobody can be told again. */
export interface Secret {
  readonly label: string
  readonly value: string
}

interface SecretsProps {
  readonly title: string
  /** Nothing is shown for none. */
  readonly secrets: readonly Secret[] | null
  readonly onClose: () => void
}

/** Shows secrets, this once. Nothing but its button closes it: what is gone by a slip of the hand cannot be had again. */
export function SecretsDialog({ title, secrets, onClose }: SecretsProps) {
  const t = useT()
  return (
    <Modal
      opened={secrets !== null}
      onClose={onClose}
      title={title}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
    >
      <Stack>
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />}>
          {t('secret.once')}
        </Alert>
        {secrets?.map(({ label, value }) => (
          <Stack key={label} gap={4}>
            <Text size="sm" fw={600}>
              {label}
            </Text>
            <Copyable text={value} />
          </Stack>
        ))}
        <Button onClick={onClose}>{t('secret.kept')}</Button>
      </Stack>
    </Modal>
  )
}
