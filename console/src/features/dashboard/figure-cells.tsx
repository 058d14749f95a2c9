import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useUnits } from '../../i18n/use-units.ts'

/** A number in a row of figures: digit below digit. */
export function FigureCell({ children }: { readonly children: ReactNode }) {
  return (
    <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
      {children}
    </Table.Td>
  )
}

/** A count, and what share of another it is. */
export function ShareCell({ part, whole }: { readonly part: number; readonly whole: number }) {
  const units = useUnits()
  return (
    <FigureCell>
      {units.count(part)}{' '}
      <Text span size="xs" c="dimmed">
        {units.percent(whole === 0 ? null : part / whole)}
      </Text>
    </FigureCell>
  )
}
