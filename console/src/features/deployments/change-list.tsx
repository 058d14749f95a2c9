import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Change } from '../../api/model.ts'
import { ScrollText } from '../../components/scroll-text.tsx'
import { Tag } from '../../components/tag.tsx'
import { type ChangeGroup, countNodes, groupChanges, kindOfGroup, placeOf, valueText } from './change-groups.ts'
import classes from './change-list.module.css'
import { useDeploymentsT } from './texts.ts'

/** So many nodes are shown at once: the rest on request. */
const MOST_NODES = 30
/** A node that is new shows what is in it at once, if it is no more than that. */
const SHORT = 400

const colors = { added: 'green', removed: 'red', changed: 'yellow' } as const

/** What differs, field by field: by node, what was there before beside what is there now. */
export function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  const t = useDeploymentsT()
  const [most, setMost] = useState(MOST_NODES)
  const groups = groupChanges(changes)
  return (
    <Stack gap="sm">
      <Summary groups={groups} />
      {groups.slice(0, most).map((group) => (
        <NodeChanges key={group.node} group={group} />
      ))}
      {groups.length > most && (
        <Button variant="default" onClick={() => setMost(most * 2)}>
          {t('changes.more', { count: groups.length - most })}
        </Button>
      )}
    </Stack>
  )
}

function Summary({ groups }: { readonly groups: readonly ChangeGroup[] }) {
  const t = useDeploymentsT()
  const count = countNodes(groups)
  return (
    <Group gap="xs">
      {(['added', 'changed', 'removed'] as const)
        .filter((kind) => count[kind] > 0)
        .map((kind) => (
          <Tag key={kind} color={colors[kind]}>
            {t(`changes.count.${kind}`, { count: count[kind] })}
          </Tag>
        ))}
    </Group>
  )
}

function NodeChanges({ group: { node, changes } }: { readonly group: ChangeGroup }) {
  const t = useDeploymentsT()
  const kind = kindOfGroup(changes)
  return (
    <Paper withBorder px="md" py="xs">
      <Group gap="xs" pb={6}>
        <Text fw={600} size="sm" ff={node === 'stage' ? 'text' : 'monospace'} style={{ overflowWrap: 'anywhere' }}>
          {node === 'stage' ? t('changes.stage') : node}
        </Text>
        <Tag size="sm" color={colors[kind]}>
          {t(`changes.kind.${kind}`)}
        </Tag>
      </Group>
      {changes.map((change) =>
        change.field === '' && change.kind !== 'changed' ? (
          <WholeNode key="whole" change={change} />
        ) : (
          <FieldChange key={change.field} change={change} />
        ),
      )}
    </Paper>
  )
}

/** A node that is there as a whole, or no longer: what is in it, for those who want to see it. */
function WholeNode({ change: { before, after } }: { readonly change: Change }) {
  const t = useDeploymentsT()
  return (
    <details>
      <summary>
        <Text span size="sm" c="dimmed">
          {t('changes.contents')}
        </Text>
      </summary>
      <ScrollText label={t('changes.contents')} text={valueText(after ?? before)} />
    </details>
  )
}

/** One field in words, and both of its values. */
function FieldChange({ change: { kind, field, before, after } }: { readonly change: Change }) {
  const t = useDeploymentsT()
  const place = placeOf(field)
  return (
    <div className={classes.change}>
      <Text size="sm">{place === '' ? t('changes.whole.changed') : t(`changes.field.${kind}`, { field: place })}</Text>
      <div className={classes.values}>
        <Value value={before} isThere={kind !== 'added'} side="before" />
        <Value value={after} isThere={kind !== 'removed'} side="after" />
      </div>
    </div>
  )
}

interface ValueProps {
  readonly value: unknown
  readonly isThere: boolean
  readonly side: 'before' | 'after'
}

function Value({ value, isThere, side }: ValueProps) {
  const t = useDeploymentsT()
  if (!isThere || value === null || value === '')
    return <div className={classes.nothing}>{t(side === 'before' ? 'changes.wasNothing' : 'changes.isNothing')}</div>
  const text = valueText(value)
  const shown = (
    // What can be scrolled can be reached by keyboard.
    <pre className={`${classes.value} ${classes[side]}`} tabIndex={text.length > SHORT ? 0 : undefined}>
      {text}
    </pre>
  )
  if (text.length <= SHORT) return shown
  return (
    <details>
      <summary>{t(side === 'before' ? 'changes.showBefore' : 'changes.showAfter')}</summary>
      {shown}
    </details>
  )
}
