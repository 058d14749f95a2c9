import { SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../components/chart/chart.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { chartsOf, type Timeline } from './figures.ts'
import { useT } from './texts.ts'

interface ChartsProps {
  readonly timeline: Timeline
  readonly isLive: boolean
  readonly onZoom?: (from: number, to: number) => void
}

/** How it went over time. */
export function Charts({ timeline, isLive, ...zoom }: ChartsProps) {
  const t = useT()
  const units = useUnits()
  const charts = useMemo(() => chartsOf(timeline, t), [timeline, t])
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Chart
        title={t(isLive ? 'statusPerSecond' : 'statusChart')}
        data={charts.status}
        format={units.count}
        {...zoom}
      />
      <Chart title={t('latencyChart')} data={charts.latency} format={units.ms} {...zoom} />
      <Chart title={t('failureChart')} data={charts.failure} format={units.percent} {...zoom} />
      <Chart title={t('backendChart')} data={charts.backend} format={units.ms} {...zoom} />
      <Chart title={t('trafficChart')} data={charts.traffic} format={units.bytes} {...zoom} />
      <Chart title={t('gatewayChart')} data={charts.gateway} format={units.count} {...zoom} />
    </SimpleGrid>
  )
}
