import { Badge, Group, Text } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { ImportChange } from '../../api/model.ts'
import classes from './change-list.module.css'
import { inTreeOrder } from './change-order.ts'
import { useT } from './texts.ts'

const ROW_PX = 34
const MAX_PX = 420

const colors = { create: 'green', update: 'orange', remove: 'red' } as const

/** Changes as they stand in the tree. Only what is seen is in the document. */
export function ChangeList({ changes }: { readonly changes: readonly ImportChange[] }) {
  const t = useT()
  const ref = useRef<HTMLDivElement>(null)
  const sorted = useMemo(() => inTreeOrder(changes), [changes])
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => ref.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  return (
    <section
      ref={ref}
      className={classes.list}
      style={{ maxHeight: MAX_PX }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
      tabIndex={0}
      aria-label={t('plan.changes')}
    >
      <ul className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const change = sorted[index]
          if (change === undefined) return null
          return (
            <li
              key={`${change.kind} ${change.name}`}
              className={classes.row}
              aria-setsize={sorted.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)`, height: ROW_PX }}
            >
              <ChangeRow change={change} />
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function ChangeRow({ change: { action, kind, name, fields } }: { readonly change: ImportChange }) {
  const t = useT()
  return (
    <Group gap="sm" wrap="nowrap">
      <Badge color={colors[action]} variant="light" w={92} style={{ flex: 'none' }}>
        {t(`plan.${action}`)}
      </Badge>
      <Text size="xs" c="dimmed" w={110} style={{ flex: 'none' }}>
        {t(`plan.kind.${kind}`)}
      </Text>
      <Text size="sm" ff="monospace" truncate title={name} pl={kind === 'method' ? 16 : 0}>
        {name}
      </Text>
      {fields.length > 0 && (
        <Text size="xs" c="dimmed" truncate>
          {fields.join(', ')}
        </Text>
      )}
    </Group>
  )
}
