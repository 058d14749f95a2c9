import { Group, Modal, ScrollArea, Stack, Text, TextInput, Title, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Faces } from '../../components/faces.tsx'
import { Tag } from '../../components/tag.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import classes from './plugin-picker.module.css'
import { pluginsQuery } from './queries.ts'
import { useT } from './texts.ts'

interface PluginPickerProps {
  readonly place: 'stage' | 'path' | 'method'
  /** What the node has itself: that cannot be added. */
  readonly own: readonly string[]
  /** What runs there. */
  readonly effective: readonly string[]
  readonly onPick: (plugin: string) => void
  readonly onClose: () => void
}

/** The plugins that can be attached at a place, by their phases, in running order. */
export function PluginPicker({ place, own, effective, onPick, onClose }: PluginPickerProps) {
  const t = useT()
  const common = useCommonT()
  const plugins = useQuery(pluginsQuery)
  const [sought, setSought] = useState('')
  const isFound = (text: string) => text.toLowerCase().includes(sought.trim().toLowerCase())
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('picker.title')}
      size="lg"
      scrollAreaComponent={ScrollArea.Autosize}
      closeButtonProps={{ 'aria-label': common('action.close') }}
    >
      <Stack>
        <TextInput
          data-autofocus
          aria-label={t('picker.search')}
          placeholder={t('picker.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
        <Faces query={plugins}>
          {({ items }) => {
            const here = items.filter(
              ({ attach, name, summary }) => attach.includes(place) && (isFound(name) || isFound(summary)),
            )
            const phases = [...new Set(here.map(({ phase }) => phase))]
            if (phases.length === 0)
              return (
                <Text size="sm" c="dimmed" role="status">
                  {common('state.nothingFoundFor', { text: sought })}
                </Text>
              )
            return phases.map((phase) => (
              <Stack key={phase} gap={4} component="section">
                <Title order={3} size="h6" c="dimmed">
                  {t(`phase.${phase}`)}
                </Title>
                {here
                  .filter((plugin) => plugin.phase === phase)
                  .map(({ name, summary }) => (
                    <Choice
                      key={name}
                      name={name}
                      summary={summary}
                      isOwn={own.includes(name)}
                      isInherited={effective.includes(name)}
                      onPick={() => onPick(name)}
                    />
                  ))}
              </Stack>
            ))
          }}
        </Faces>
      </Stack>
    </Modal>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly summary: string
  readonly isOwn: boolean
  readonly isInherited: boolean
  readonly onPick: () => void
}

function Choice({ name, summary, isOwn, isInherited, onPick }: ChoiceProps) {
  const t = useT()
  return (
    <UnstyledButton className={classes.choice ?? ''} disabled={isOwn} onClick={onPick}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {(isOwn || isInherited) && (
          <Tag size="sm" variant="default">
            {isOwn ? t('picker.attached') : t('picker.inherited')}
          </Tag>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {summary}
      </Text>
    </UnstyledButton>
  )
}
