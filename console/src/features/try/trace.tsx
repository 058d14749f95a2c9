import { Group, List, Stack, Text, Timeline } from '@mantine/core'
import { IconArrowsSplit2, IconFlag, IconPlugConnected, IconRoute, IconServer } from '@tabler/icons-react'
import type { Explanation } from '../../api/model.ts'
import { ScrollText } from '../../components/scroll-text.tsx'
import { Tag } from '../../components/tag.tsx'
import { AnswerView } from './answer-view.tsx'
import { useTryT } from './texts.ts'

const ICON = 14

/** The way of a request through the gateway, step by step. */
export function Trace({ explanation }: { readonly explanation: Explanation }) {
  const t = useTryT()
  const { path, candidates, variables, requestPlugins, backend, responsePlugins, answer } = explanation
  return (
    <Timeline bulletSize={26} lineWidth={2} active={Number.POSITIVE_INFINITY}>
      <Timeline.Item bullet={<IconRoute size={ICON} aria-hidden />} title={t('trace.path')}>
        <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {path ?? t('trace.refused')}
        </Text>
      </Timeline.Item>
      <Timeline.Item bullet={<IconArrowsSplit2 size={ICON} aria-hidden />} title={t('trace.route')}>
        <Candidates candidates={candidates} />
        {Object.entries(variables).map(([name, value]) => (
          <Text key={name} size="sm" ff="monospace">
            {name} = {value}
          </Text>
        ))}
      </Timeline.Item>
      {requestPlugins.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what has happened keeps its order
        <Timeline.Item key={`request ${i}`} bullet={<IconPlugConnected size={ICON} aria-hidden />} title={step.plugin}>
          <PluginStep step={step} />
        </Timeline.Item>
      ))}
      <Timeline.Item bullet={<IconServer size={ICON} aria-hidden />} title={t('trace.backend')}>
        {backend === null ? <Text size="sm">{t('trace.notAsked')}</Text> : <BackendRequest backend={backend} />}
      </Timeline.Item>
      {responsePlugins.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what has happened keeps its order
        <Timeline.Item key={`response ${i}`} bullet={<IconPlugConnected size={ICON} aria-hidden />} title={step.plugin}>
          <PluginStep step={step} />
        </Timeline.Item>
      ))}
      <Timeline.Item bullet={<IconFlag size={ICON} aria-hidden />} title={t('trace.answer')}>
        {answer === null ? (
          <Text size="sm">{t('trace.backendAnswers')}</Text>
        ) : (
          <Stack gap={4}>
            <Text size="sm">{t(`trace.by.${answer.by}`)}</Text>
            <AnswerView answer={answer} />
          </Stack>
        )}
      </Timeline.Item>
    </Timeline>
  )
}

function Candidates({ candidates }: Pick<Explanation, 'candidates'>) {
  const t = useTryT()
  if (candidates.length === 0) return <Text size="sm">{t('trace.noRoute')}</Text>
  return candidates.map(({ pattern, method, verdict }) => (
    <Group key={`${method} ${pattern}`} gap="xs">
      <Text size="sm" ff="monospace" fw={verdict === 'matched' ? 700 : 400}>
        {method} {pattern}
      </Text>
      <Text size="sm" {...(verdict !== 'matched' && { c: 'dimmed' })}>
        {verdictText(t, verdict)}
      </Text>
    </Group>
  ))
}

type T = ReturnType<typeof useTryT>

const verdicts = {
  matched: 'trace.matched',
  'less specific': 'trace.lessSpecific',
  'other method': 'trace.otherMethod',
} as const

function verdictText(t: T, verdict: string): string {
  const key = Object.entries(verdicts).find(([name]) => name === verdict)?.[1]
  return key === undefined ? verdict : t(key)
}

type Step = Explanation['requestPlugins'][number]

const decisions = {
  'goes on': { text: 'decision.goesOn', color: 'teal' },
  answers: { text: 'decision.answers', color: 'orange' },
  fails: { text: 'decision.fails', color: 'red' },
  'is skipped': { text: 'decision.isSkipped', color: 'gray' },
  'would answer': { text: 'decision.wouldAnswer', color: 'yellow' },
} as const

/** What one plugin decided, why, and what it changed. */
function PluginStep({ step: { decision, detail, durationMs, changes, notes } }: { readonly step: Step }) {
  const t = useTryT()
  const known = Object.entries(decisions).find(([name]) => name === decision)?.[1]
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Tag color={known?.color ?? 'gray'}>{known === undefined ? decision : t(known.text)}</Tag>
        {detail !== null && (
          <Text size="sm" ff="monospace">
            {detail}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {durationMs} ms
        </Text>
      </Group>
      {(changes.length > 0 || notes.length > 0) && (
        <List size="sm">
          {[...notes, ...changes].map((text) => (
            <List.Item key={text} style={{ overflowWrap: 'anywhere' }}>
              {text}
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  )
}

function BackendRequest({ backend: { url, head, body } }: { readonly backend: NonNullable<Explanation['backend']> }) {
  const t = useTryT()
  return (
    <Stack gap={4}>
      <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
        {url}
      </Text>
      <ScrollText label={t('trace.backendRequest')} text={[...head, ...(body === '' ? [] : ['', body])].join('\n')} />
    </Stack>
  )
}
