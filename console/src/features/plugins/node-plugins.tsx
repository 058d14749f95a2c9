import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../../api/client.ts'
import { Failed, Loading } from '../../components/faces.tsx'
import { useMayWrite } from '../services/may.ts'
import { type Effective, isOwn, originText } from './effective.ts'
import { type NodeRef, type Said, saidOf } from './node.ts'
import { PluginDrawer } from './plugin-drawer.tsx'
import { PluginPicker } from './plugin-picker.tsx'
import { PluginRow, SwitchedOffRow } from './plugin-row.tsx'
import { effectiveQuery, type OwnPlugins, ownPluginsQuery, pluginsQuery } from './queries.ts'
import { useT } from './texts.ts'
import { useOpenPlugin } from './use-open-plugin.ts'
import { useSay } from './use-say.tsx'

export type { NodeRef } from './node.ts'

/** The plugins of a node: its own (edited here), what it inherits and from where, what is effective and in what order. */
export function NodePlugins({ node }: { readonly node: NodeRef }) {
  const t = useT()
  const plugins = useQuery(pluginsQuery)
  const own = useQuery(ownPluginsQuery(node))
  const effective = useQuery(effectiveQuery(node))
  const failed = [plugins, own, effective].find(({ error, data }) => error !== null && data === undefined)
  if (failed?.error !== null && failed !== undefined) {
    if (node.stage !== undefined && failed.error instanceof ApiProblem && failed.error.status === 404)
      return (
        <Text size="sm" c="dimmed">
          {t('plugins.notOnStage')}
        </Text>
      )
    return <Failed error={failed.error} onRetry={() => void failed.refetch()} />
  }
  if (plugins.data === undefined || own.data === undefined || effective.data === undefined) return <Loading rows={4} />
  return (
    // Another node is another panel: nothing that is open stays open.
    <Panel
      key={JSON.stringify(node)}
      node={node}
      own={own.data}
      effective={effective.data.plugins as readonly Effective[]}
      names={plugins.data.items.map(({ name }) => name)}
    />
  )
}

interface PanelProps {
  readonly node: NodeRef
  readonly own: OwnPlugins
  readonly effective: readonly Effective[]
  /** All plugins that there are. */
  readonly names: readonly string[]
}

function Panel({ node, own, effective, names }: PanelProps) {
  const t = useT()
  const mayWrite = useMayWrite(node.service)
  const [isPicking, setIsPicking] = useState(false)
  const { opened, open, close } = useOpenPlugin(node, own, effective, names)
  const say = useSay(node)
  const isOff = (said: Said) => said.off === true
  const off = own.lists.flatMap(({ plugins }) => plugins.filter(isOff))
  return (
    <Stack gap="sm" component="section" aria-label={t('plugins.title')}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <Stack gap={0}>
          <Title order={2} size="h5">
            {t('plugins.title')}
          </Title>
          <Text size="xs" c="dimmed">
            {t('plugins.order')}
          </Text>
        </Stack>
        {mayWrite && (
          <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setIsPicking(true)}>
            {t('plugins.add')}
          </Button>
        )}
      </Group>
      {effective.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('plugins.none')}
        </Text>
      )}
      <Stack gap={6} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
        {effective.map((one) => {
          const mine = isOwn(one, node, own.spot)
          return (
            <PluginRow
              key={one.plugin}
              effective={one}
              origin={originText(t, one, node, own.spot)}
              isOwn={mine}
              mayWrite={mayWrite}
              onOpen={() => open(one.plugin)}
              onOverride={() => open(one.plugin, 'override')}
              onTakeOff={() => say.takeOff(one.plugin, saidOf(own.lists, one.plugin))}
              onSwitchOff={() => say.switchOff(one.plugin, saidOf(own.lists, one.plugin))}
            />
          )
        })}
      </Stack>
      {off.length > 0 && (
        <Stack gap={6}>
          <Title order={3} size="h6">
            {t('plugins.off')}
          </Title>
          {off.map((said) => (
            <SwitchedOffRow
              key={said.plugin}
              plugin={said.plugin}
              mayWrite={mayWrite}
              onSwitchOn={() => say.switchOn(said.plugin, said)}
            />
          ))}
        </Stack>
      )}
      {isPicking && (
        <PluginPicker
          place={placeOf(node, own)}
          own={own.lists.flatMap(({ plugins }) => plugins.filter((said) => !isOff(said)).map(({ plugin }) => plugin))}
          effective={effective.map(({ plugin }) => plugin)}
          onClose={() => setIsPicking(false)}
          onPick={(plugin) => {
            setIsPicking(false)
            open(plugin, 'new')
          }}
        />
      )}
      <PluginDrawer
        node={node}
        spot={own.spot}
        open={opened}
        isReadOnly={!mayWrite || opened?.kind === 'inherited'}
        onOverride={() => {
          if (opened !== null) open(opened.plugin, 'override')
        }}
        onClose={close}
      />
    </Stack>
  )
}

/** Where a plugin would be attached. The root of a stage is the stage. */
function placeOf(node: NodeRef, { spot, lists }: OwnPlugins): 'stage' | 'path' | 'method' {
  if (spot.verb !== null) return 'method'
  return node.stage !== undefined && lists[0]?.pointer === '/plugins' ? 'stage' : 'path'
}
