import { Table, Text, UnstyledButton } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef } from 'react'
import type { RecentRequest } from '../../api/model.ts'
import { useUnits } from '../../i18n/use-units.ts'
import classes from './logs.module.css'
import { requestKey } from './merge.ts'
import { StatusBadge } from './status-badge.tsx'
import { useT } from './texts.ts'

const ROW_PX = 34
/** So far from the top one reads, and does not wait for what comes. */
const AT_TOP_PX = 8

interface RequestTableProps {
  readonly requests: readonly RecentRequest[]
  readonly onOpen: (request: RecentRequest) => void
  readonly onTop: (isAtTop: boolean) => void
  /** What is behind the last one. */
  readonly footer: ReactNode
}

/** Requests, the newest first; only the rows that are seen are there. */
export function RequestTable({ requests, onOpen, onTop, footer }: RequestTableProps) {
  const t = useT()
  const viewport = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: requests.length,
    getScrollElement: () => viewport.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => keyAt(requests, index),
    overscan: 12,
  })
  const seen = rows.getVirtualItems()
  const above = seen[0]?.start ?? 0
  const below = rows.getTotalSize() - (seen.at(-1)?.end ?? 0)
  return (
    <section
      ref={viewport}
      className={classes.viewport}
      aria-label={t('list')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget }) => onTop(currentTarget.scrollTop <= AT_TOP_PX)}
    >
      <Table stickyHeader className={classes.table ?? ''} aria-rowcount={requests.length + 1}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={118}>{t('time')}</Table.Th>
            <Table.Th w={72}>{t('status')}</Table.Th>
            <Table.Th>{t('request')}</Table.Th>
            <Table.Th w={92} ta="right">
              {t('duration')}
            </Table.Th>
            <Table.Th w={150} visibleFrom="md">
              {t('consumerShort')}
            </Table.Th>
            <Table.Th w={130} visibleFrom="md">
              {t('clientShort')}
            </Table.Th>
            <Table.Th w={150} visibleFrom="md">
              {t('answer')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {above > 0 && <Space height={above} />}
          {seen.map(({ index, key }) => {
            const request = requests[index]
            return request === undefined ? null : (
              <Row key={key} request={request} rowIndex={index + 2} onOpen={() => onOpen(request)} />
            )
          })}
          {below > 0 && <Space height={below} />}
        </Table.Tbody>
      </Table>
      {footer}
    </section>
  )
}

function keyAt(requests: readonly RecentRequest[], index: number): string {
  const request = requests[index]
  return request === undefined ? String(index) : requestKey(request)
}

/** The room of rows that are not there. One cell: more would be columns that take their share of the width where some are hidden. */
function Space({ height }: { readonly height: number }) {
  return (
    <tr aria-hidden>
      <td style={{ height, padding: 0 }} />
    </tr>
  )
}

interface RowProps {
  readonly request: RecentRequest
  readonly rowIndex: number
  readonly onOpen: () => void
}

function Row({ request, rowIndex, onOpen }: RowProps) {
  const t = useT()
  const units = useUnits()
  const { receivedAt, status, method, path, totalMs, consumer, consumerId, clientIp, error, isAborted } = request
  const at = Date.parse(receivedAt)
  return (
    <Table.Tr aria-rowindex={rowIndex} className={classes.row ?? ''} style={{ height: ROW_PX }} onClick={onOpen}>
      <Table.Td>
        <time dateTime={receivedAt} title={receivedAt}>
          {units.millisecond(at)}
        </time>
      </Table.Td>
      <Table.Td>
        <StatusBadge status={status} />
      </Table.Td>
      <Table.Td className={classes.cut ?? ''}>
        <UnstyledButton
          fz="sm"
          ff="monospace"
          title={path}
          className={classes.cut ?? ''}
          aria-label={t('open', { method, path, status })}
          onClick={onOpen}
        >
          <Text span inherit fw={600}>
            {method}
          </Text>{' '}
          {path}
        </UnstyledButton>
      </Table.Td>
      <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {units.ms(totalMs)}
      </Table.Td>
      <Table.Td className={classes.cut ?? ''} visibleFrom="md">
        {consumer ?? consumerId}
      </Table.Td>
      <Table.Td className={classes.cut ?? ''} visibleFrom="md">
        {clientIp}
      </Table.Td>
      <Table.Td className={classes.cut ?? ''} visibleFrom="md">
        <Text span size="sm" c="dimmed">
          {isAborted ? t('aborted') : error}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}
