import { Alert, Code, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Copyable } from '../../components/command.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Faces } from '../../components/faces.tsx'
import { Facts } from '../../components/facts.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { Section } from '../../components/section.tsx'
import { Tag } from '../../components/tag.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { type NodeStatus, statusQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Of a hash: enough to tell two apart. */
const HASH_SHOWN = 12

type Worker = NodeStatus['workers'][number]
type Snapshot = NodeStatus['snapshots'][number]
type Sink = NodeStatus['accessLogs'][number]

/** What runs: nodes, workers, live stages, logs. */
export function Status() {
  const t = useT()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <OnlyFor permission="read">
        <Installation />
      </OnlyFor>
    </Page>
  )
}

function Installation() {
  const t = useT()
  const common = useCommonT()
  const status = useQuery(statusQuery)
  return (
    <>
      {status.data !== undefined && status.error !== null && (
        <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={common('state.failed')}>
          {common('state.unreachable')}
        </Alert>
      )}
      <Faces query={status}>
        {({ version, node, gateway, nodes }) => (
          <>
            <Facts
              facts={[
                [t('version'), version],
                [t('nodeVersion'), node],
                [t('http'), gateway.port],
                [t('https'), gateway.tlsPort ?? t('off')],
                [t('baseDomain'), gateway.baseDomain],
              ]}
            />
            {nodes.map((one) => (
              <Node key={one.id} node={one} />
            ))}
            <Section title={t('commands')}>
              <Copyable text="turnpike status" />
            </Section>
          </>
        )}
      </Faces>
    </>
  )
}

function Node({ node }: { readonly node: NodeStatus }) {
  const t = useT()
  const units = useUnits()
  return (
    <Section title={t('node', { name: node.name })}>
      <Stack gap="lg">
        <Facts
          facts={[
            [t('id'), node.id],
            [t('requests'), units.count(node.requests)],
            [t('resident'), units.bytes(node.memory.residentBytes)],
            [t('heap'), units.bytes(node.memory.heapUsedBytes)],
          ]}
        />
        <Part title={t('workers')}>
          <Workers workers={node.workers} />
        </Part>
        <Part title={t('snapshots')}>
          {node.snapshots.length === 0 ? (
            <Text size="sm">{t('noSnapshots')}</Text>
          ) : (
            <Snapshots snapshots={node.snapshots} />
          )}
        </Part>
        <Part title={t('logs')}>
          {node.accessLogs.length === 0 ? <Text size="sm">{t('noLogs')}</Text> : <Sinks sinks={node.accessLogs} />}
        </Part>
      </Stack>
    </Section>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Stack gap="xs">
      <Text component="h3" m={0} fw={600} size="sm">
        {title}
      </Text>
      {children}
    </Stack>
  )
}

const stateColors = { starting: 'blue', ready: 'teal', draining: 'orange', dead: 'red' } as const
type WorkerState = keyof typeof stateColors

const isState = (state: string): state is WorkerState => state in stateColors

function Workers({ workers }: { readonly workers: readonly Worker[] }) {
  const t = useT()
  const units = useUnits()
  return (
    <DataTable
      label={t('workers')}
      items={workers}
      keyOf={({ id }) => String(id)}
      minWidth={720}
      columns={[
        { label: t('worker'), cell: ({ id }) => id },
        { label: t('state'), cell: ({ state }) => <State of={state} /> },
        { label: t('pid'), isNumber: true, cell: ({ pid }) => pid },
        { label: t('since'), cell: ({ startedAt }) => <When at={startedAt} /> },
        { label: t('restarts'), isNumber: true, cell: ({ restarts }) => restarts },
        { label: t('connections'), isNumber: true, cell: (worker) => <Connections of={worker} /> },
        { label: t('requests'), isNumber: true, cell: ({ requests }) => units.count(requests) },
        { label: t('workerHeap'), isNumber: true, cell: ({ heapUsedBytes }) => units.bytes(heapUsedBytes) },
      ]}
    />
  )
}

function State({ of: state }: { readonly of: string }) {
  const t = useT()
  return <Tag color={isState(state) ? stateColors[state] : 'gray'}>{isState(state) ? t(`state.${state}`) : state}</Tag>
}

function Connections({ of: { connections, webSockets } }: { readonly of: Worker }) {
  const t = useT()
  const units = useUnits()
  return (
    <>
      {units.count(connections)}
      {webSockets > 0 && (
        <Text size="xs" c="dimmed">
          {t('webSockets', { count: units.count(webSockets) })}
        </Text>
      )}
    </>
  )
}

function Snapshots({ snapshots }: { readonly snapshots: readonly Snapshot[] }) {
  const t = useT()
  return (
    <DataTable
      label={t('snapshots')}
      items={snapshots}
      keyOf={({ stageId }) => stageId}
      columns={[
        { label: t('stage'), cell: (one) => <Stage of={one} /> },
        { label: t('routes'), isNumber: true, cell: ({ routes }) => routes },
        {
          label: t('hosts'),
          cell: ({ hosts, prefix }) => [...hosts, ...(prefix === null ? [] : [prefix])].join(', '),
        },
        { label: t('hash'), cell: ({ hash }) => <Code title={hash}>{hash.slice(0, HASH_SHOWN)}</Code> },
      ]}
    />
  )
}

function Stage({ of: { service, stage, canary } }: { readonly of: Snapshot }) {
  const t = useT()
  return (
    <Stack gap={2} align="start">
      <TextLink to="/services/$service/stages/$stage" params={{ service, stage }} size="sm" fw={600}>
        {service}/{stage}
      </TextLink>
      {canary !== null && <Tag color="orange">{t('canary', { share: canary.share })}</Tag>}
    </Stack>
  )
}

function Sinks({ sinks }: { readonly sinks: readonly Sink[] }) {
  const t = useT()
  const units = useUnits()
  return (
    <DataTable
      label={t('logs')}
      items={sinks}
      keyOf={({ owner, sink }) => `${owner} ${sink}`}
      columns={[
        { label: t('stage'), cell: ({ owner }) => owner },
        { label: t('sink'), cell: ({ sink }) => sink },
        { label: t('lines'), isNumber: true, cell: ({ lines }) => units.count(lines) },
        {
          label: t('dropped'),
          isNumber: true,
          cell: ({ droppedLines }) => (droppedLines === 0 ? 0 : <Tag color="red">{units.count(droppedLines)}</Tag>),
        },
        { label: t('trouble'), cell: ({ trouble }) => trouble ?? t('none') },
      ]}
    />
  )
}
