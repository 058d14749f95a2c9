import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useT } from '../i18n/index.tsx'

/** A text to be copied: a command that does the same, a secret that is shown once. */
export function Copyable({ text }: { readonly text: string }) {
  const t = useT()
  return (
    <Group gap={4} wrap="nowrap" align="start">
      <Code block tabIndex={0} style={{ flex: 1, overflowX: 'auto' }}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('action.copied') : t('action.copy')}>
            <ActionIcon variant="subtle" size="lg" onClick={copy} aria-label={t('action.copy')}>
              {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}
