import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../../api/client.ts'
import { Failed, Loading } from '../../components/faces.tsx'
import { useMayWrite } from '../services/may.ts'
import { copyOf, type Effective, isOwn, nodeName, originText } from './effective.ts'
import { type NodeRef, type Said, saidOf } from './node.ts'
import { type OpenPlugin, PluginDrawer } from './plugin-drawer.tsx'
import { PluginPicker } from './plugin-picker.tsx'
import { PluginRow, SwitchedOffRow } from './plugin-row.tsx'
import { effectiveQuery, type OwnPlugins, ownPluginsQuery, pluginsQuery } from './queries.ts'
import { useT } from './texts.ts'
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
    />
  )
}

interface PanelProps {
  readonly node: NodeRef
  readonly own: OwnPlugins
  readonly effective: readonly Effective[]
}

function Panel({ node, own, effective }: PanelProps) {
  const t = useT()
  const mayWrite = useMayWrite(node.service)
  const [isPicking, setIsPicking] = useState(false)
  const [open, setOpen] = useState<OpenPlugin | null>(null)
  const say = useSay(node)
  const isOff = (said: Said) => said.off === true
  const off = own.lists.flatMap(({ plugins }) => plugins.filter(isOff))
  const edit = (one: Effective) => {
    const said = saidOf(own.lists, one.plugin)
    setOpen(
      isOwn(one, node, own.spot) && said !== undefined
        ? { plugin: one.plugin, kind: 'own', before: said, start: said }
        : { plugin: one.plugin, kind: 'inherited', from: nodeName(one.origin), before: said, start: copyOf(one) },
    )
  }
  const override = (one: Effective) =>
    setOpen({
      plugin: one.plugin,
      kind: 'override',
      from: nodeName(one.origin),
      before: saidOf(own.lists, one.plugin),
      start: copyOf(one),
    })
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
              onOpen={() => edit(one)}
              onOverride={() => override(one)}
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
            setOpen({ plugin, kind: 'new', before: saidOf(own.lists, plugin), start: null })
          }}
        />
      )}
      {open !== null && (
        <PluginDrawer
          key={`${open.plugin} ${open.kind}`}
          node={node}
          spot={own.spot}
          open={open}
          isReadOnly={!mayWrite || open.kind === 'inherited'}
          onOverride={() => setOpen({ ...open, kind: 'override' })}
          onClose={() => setOpen(null)}
        />
      )}
    </Stack>
  )
}

/** Where a plugin would be attached. The root of a stage is the stage. */
function placeOf(node: NodeRef, { spot, lists }: OwnPlugins): 'stage' | 'path' | 'method' {
  if (spot.verb !== null) return 'method'
  return node.stage !== undefined && lists[0]?.pointer === '/plugins' ? 'stage' : 'path'
}
