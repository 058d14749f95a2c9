import { Box } from '@mantine/core'

interface SparkProps {
  readonly values: readonly number[]
  /** What it shows, in words. */
  readonly label: string
  readonly width?: number
  readonly height?: number
}

/** A small line of how something went, without axes: the numbers stand beside it. */
export function Spark({ values, label, width = 120, height = 28 }: SparkProps) {
  const highest = Math.max(...values, 1)
  const step = width / Math.max(values.length - 1, 1)
  const y = (value: number) => height - 1 - (value / highest) * (height - 2)
  const line = values.map((value, i) => `${(i * step).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  return (
    <Box
      component="svg"
      role="img"
      aria-label={label}
      w={width}
      h={height}
      viewBox={`0 0 ${width} ${height}`}
      display="block"
    >
      <polygon points={`0,${height} ${line} ${width},${height}`} fill="var(--mantine-primary-color-light)" />
      <polyline points={line} fill="none" stroke="var(--mantine-primary-color-filled)" strokeWidth={1.5} />
    </Box>
  )
}
