import { Alert, Card, Code, Group, List, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'
import type { ImportChange, ImportNote } from '../../api/model.ts'
import { Tag } from '../../components/tag.tsx'
import { ChangeList } from './change-list.tsx'
import { useT } from './texts.ts'

interface Plan {
  readonly changes: readonly ImportChange[]
  readonly notes: readonly ImportNote[]
  readonly plan: { readonly unchangedMethods: number }
}

const actions = ['create', 'update', 'remove'] as const
type Action = (typeof actions)[number]
const ALL = 'all'

/** What an import would do, before it does: what is made, changed and removed, and what cannot be carried over. */
export function ImportPlan({ plan: { changes, notes, plan } }: { readonly plan: Plan }) {
  const t = useT()
  const [shown, setShown] = useState<Action | typeof ALL>(ALL)
  const count = (action: Action) => changes.filter((change) => change.action === action).length
  return (
    <Card withBorder component="section" aria-label={t('plan.title')}>
      <Stack>
        <Stack gap={2}>
          <Title order={2} size="h4">
            {t('plan.title')}
          </Title>
          <Text size="sm" c="dimmed" role="status">
            {changes.length === 0
              ? t('plan.nothing')
              : t('plan.summary', {
                  create: count('create'),
                  update: count('update'),
                  remove: count('remove'),
                  unchanged: plan.unchangedMethods,
                })}
          </Text>
        </Stack>
        {changes.length > 0 && (
          <>
            <SegmentedControl
              aria-label={t('plan.show')}
              value={shown}
              onChange={(value) => setShown(actions.find((action) => action === value) ?? ALL)}
              data={[
                { value: ALL, label: `${t('plan.all')} (${changes.length})` },
                ...actions.map((action) => ({ value: action, label: `${t(`plan.${action}`)} (${count(action)})` })),
              ]}
              style={{ alignSelf: 'start' }}
            />
            <ChangeList changes={shown === ALL ? changes : changes.filter(({ action }) => action === shown)} />
          </>
        )}
        <Notes notes={notes} />
      </Stack>
    </Card>
  )
}

/** What the document says and a design cannot hold. */
function Notes({ notes }: { readonly notes: readonly ImportNote[] }) {
  const t = useT()
  if (notes.length === 0) return null
  return (
    <Alert color="orange" icon={<IconInfoCircle aria-hidden />} title={t('plan.notes')}>
      <List size="sm" spacing="sm" listStyleType="none" styles={{ itemWrapper: { display: 'block' } }}>
        {notes.map((note) => (
          <List.Item key={`${note.kind} ${note.what}`}>
            <Group gap="xs">
              <Text size="sm" fw={600}>
                {note.what}
              </Text>
              {note.count > 1 && <Tag color="gray">{t('plan.times', { count: note.count })}</Tag>}
            </Group>
            <Text size="sm">
              {note.why} {note.remedy}
            </Text>
            <Text size="xs" c="dimmed">
              {note.line !== null && `${t('plan.line', { line: note.line })} `}
              <Code>{note.path}</Code>
            </Text>
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
