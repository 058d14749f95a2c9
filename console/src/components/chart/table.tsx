import { ScrollArea, Table } from '@mantine/core'
import { useUnits } from '../../i18n/use-units.ts'
import { pointLabel } from './option.ts'
import type { ChartData } from './series.ts'
import { useT } from './texts.ts'

interface ChartTableProps {
  readonly title: string
  readonly data: ChartData
  readonly format: (value: number) => string
  readonly height: number
}

/** The numbers of a chart, the newest first. */
export function ChartTable({ title, data, format, height }: ChartTableProps) {
  const t = useT()
  const units = useUnits()
  const rows = data.times.map((start, i) => ({ start, values: data.series.map(({ values }) => values[i] ?? null) }))
  return (
    <ScrollArea h={height} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': title }}>
      <Table stickyHeader verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('chart.time')}</Table.Th>
            {data.series.map(({ name }) => (
              <Table.Th key={name} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.toReversed().map(({ start, values }) => (
            <Table.Tr key={start}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{pointLabel(start, data, units)}</Table.Td>
              {data.series.map(({ name }, i) => (
                <Table.Td key={name} ta="right">
                  {textOf(values[i] ?? null, format)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  )
}

const textOf = (value: number | null, format: (value: number) => string) => (value === null ? '–' : format(value))
