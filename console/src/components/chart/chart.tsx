import { ActionIcon, Center, Group, Paper, Skeleton, Stack, Text, Title, Tooltip, UnstyledButton } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { Units } from '../../i18n/units.ts'
import { useUnits } from '../../i18n/use-units.ts'
import classes from './chart.module.css'
import { pointLabel } from './option.ts'
import type { ChartData, ChartSeries } from './series.ts'
import { ChartTable } from './table.tsx'
import { useT } from './texts.ts'
import { useSeen } from './use-seen.ts'

const Canvas = lazy(() => import('./canvas.tsx').then((module) => ({ default: module.Canvas })))

const HEIGHT = 220

interface ChartProps {
  readonly title: string
  readonly data: ChartData
  /** A value with its unit. */
  readonly format: (value: number) => string
  readonly height?: number
  /** Is told of the span that was dragged over. */
  readonly onZoom?: (from: number, to: number) => void
}

/** Values over time: as a picture, in words, and as a table of the same numbers. */
export function Chart({ title, data, format, height = HEIGHT, onZoom }: ChartProps) {
  const t = useT()
  const units = useUnits()
  const [isTable, setTable] = useState(false)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const shown = useMemo(
    () => ({ ...data, series: data.series.filter(({ name }) => !hidden.has(name)) }),
    [data, hidden],
  )
  const isEmpty = data.series.every(({ values }) => values.every((value) => value === null || value === 0))
  const [seen, isSeen] = useSeen()
  const words = useSummary(title, shown, format, units)
  const toggle = (name: string) =>
    setHidden((before) =>
      before.has(name) ? new Set([...before].filter((one) => one !== name)) : new Set([...before, name]),
    )
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="start">
          <Title order={2} size="h6">
            {title}
          </Title>
          <Tooltip label={t(isTable ? 'chart.asChart' : 'chart.asTable')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t(isTable ? 'chart.asChart' : 'chart.asTable')}
              onClick={() => setTable(!isTable)}
            >
              {isTable ? <IconChartBar size={16} aria-hidden /> : <IconTable size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        </Group>
        {data.series.length > 1 && <Legend series={data.series} hidden={hidden} onToggle={toggle} />}
        {isTable && <ChartTable title={title} data={shown} format={format} height={height} />}
        {!isTable && isEmpty && (
          <Center h={height}>
            <Text c="dimmed" size="sm">
              {t('chart.nothing')}
            </Text>
          </Center>
        )}
        {!isTable && !isEmpty && (
          <div ref={seen} role="img" aria-label={words} style={{ height }}>
            {isSeen && (
              <Suspense fallback={<Skeleton height={height} />}>
                <Canvas data={shown} format={format} height={height} onZoom={onZoom} />
              </Suspense>
            )}
          </div>
        )}
      </Stack>
    </Paper>
  )
}

interface LegendProps {
  readonly series: readonly ChartSeries[]
  readonly hidden: ReadonlySet<string>
  readonly onToggle: (name: string) => void
}

function Legend({ series, hidden, onToggle }: LegendProps) {
  return (
    <Group gap={4}>
      {series.map(({ name, color, isDashed = false }) => (
        <UnstyledButton
          key={name}
          className={classes.legend ?? ''}
          aria-pressed={!hidden.has(name)}
          onClick={() => onToggle(name)}
        >
          <span
            className={classes.mark}
            data-dashed={isDashed || undefined}
            style={{ color: `light-dark(var(--mantine-color-${color.light}), var(--mantine-color-${color.dark}))` }}
          />
          {name}
        </UnstyledButton>
      ))}
    </Group>
  )
}

/** The chart in words, for those who do not see it. */
function useSummary(title: string, data: ChartData, format: (value: number) => string, units: Units): string {
  const t = useT()
  const [first = data.from] = data.times
  const last = data.times.at(-1) ?? data.to
  const parts = data.series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null)
    const latest = known.at(-1)
    if (latest === undefined) return t('chart.noValues', { name })
    return t('chart.seriesSummary', { name, highest: format(Math.max(...known)), last: format(latest) })
  })
  const span = { from: pointLabel(first, data, units), to: pointLabel(last, data, units) }
  return [t('chart.summary', { title, ...span }), ...parts].join(' ')
}
