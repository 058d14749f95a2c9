import { ActionIcon, Anchor, Button, Group, Menu, Paper, Stack, Text } from '@mantine/core'
import { IconArrowBarToDown, IconDots, IconEdit, IconPlayerPause, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Tag } from '../../components/tag.tsx'
import type { Effective } from './effective.ts'
import { pluginsQuery } from './queries.ts'
import { useT } from './texts.ts'

interface PluginRowProps {
  readonly effective: Effective
  /** Where it comes from. */
  readonly origin: string
  readonly isOwn: boolean
  readonly mayWrite: boolean
  readonly onOpen: () => void
  readonly onOverride: () => void
  readonly onTakeOff: () => void
  readonly onSwitchOff: () => void
}

/** A plugin that runs: what it is, where it comes from, and what can be done with it here. */
export function PluginRow({ effective, origin, isOwn, mayWrite, ...on }: PluginRowProps) {
  const t = useT()
  const { plugin, when, mode, moved } = effective
  return (
    <Paper component="li" withBorder px="sm" py={8}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="start">
        <Stack gap={2} miw={0}>
          <Group gap={6}>
            <Anchor component="button" type="button" size="sm" fw={600} onClick={on.onOpen}>
              {plugin}
            </Anchor>
            <Tag size="sm" variant={isOwn ? 'filled' : 'default'}>
              {origin}
            </Tag>
            {mode === 'shadow' && (
              <Tag size="sm" variant="default">
                {t('plugin.shadow')}
              </Tag>
            )}
            {when !== undefined && (
              <Tag size="sm" variant="default" title={when}>
                {t('plugin.conditional')}
              </Tag>
            )}
            {moved && (
              <Tag size="sm" variant="default">
                {t('plugin.moved')}
              </Tag>
            )}
          </Group>
          <Summary plugin={plugin} />
        </Stack>
        {mayWrite && <Actions plugin={plugin} isOwn={isOwn} {...on} />}
      </Group>
    </Paper>
  )
}

function Summary({ plugin }: { readonly plugin: string }) {
  const { data } = useQuery(pluginsQuery)
  return (
    <Text size="xs" c="dimmed">
      {data?.items.find(({ name }) => name === plugin)?.summary}
    </Text>
  )
}

interface ActionsProps extends Pick<PluginRowProps, 'isOwn' | 'onOpen' | 'onOverride' | 'onTakeOff' | 'onSwitchOff'> {
  readonly plugin: string
}

function Actions({ plugin, isOwn, onOpen, onOverride, onTakeOff, onSwitchOff }: ActionsProps) {
  const t = useT()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" aria-label={t('plugin.actions', { name: plugin })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconEdit size={16} aria-hidden />} onClick={onOpen}>
          {t('plugin.open')}
        </Menu.Item>
        {isOwn ? (
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} color="red" onClick={onTakeOff}>
            {t('plugin.takeOff')}
          </Menu.Item>
        ) : (
          <>
            <Menu.Item leftSection={<IconArrowBarToDown size={16} aria-hidden />} onClick={onOverride}>
              {t('plugin.override')}
            </Menu.Item>
            <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={onSwitchOff}>
              {t('plugin.switchOff')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

interface SwitchedOffRowProps {
  readonly plugin: string
  readonly mayWrite: boolean
  readonly onSwitchOn: () => void
}

/** A plugin that would be inherited, and does not run. */
export function SwitchedOffRow({ plugin, mayWrite, onSwitchOn }: SwitchedOffRowProps) {
  const t = useT()
  return (
    <Paper withBorder px="sm" py={8}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" td="line-through" c="dimmed">
          {plugin}
        </Text>
        {mayWrite && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={t('plugin.switchOnNamed', { name: plugin })}
            onClick={onSwitchOn}
          >
            {t('plugin.switchOn')}
          </Button>
        )}
      </Group>
    </Paper>
  )
}
