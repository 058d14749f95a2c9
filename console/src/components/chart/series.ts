/** What a chart shows. */

/** A line, or one layer of a stack. */
export interface ChartSeries {
  readonly name: string
  /** One of Mantine's colours with its shade, on the light scheme and on the dark one. */
  readonly color: { readonly light: string; readonly dark: string }
  /** A value for each of the chart's times; null where there is none, which is a gap. */
  readonly values: readonly (number | null)[]
  readonly kind: 'line' | 'bar'
  /** Bars stand on one another. */
  readonly isStacked?: boolean
  /** What something else is compared with. */
  readonly isDashed?: boolean
}

/** Values over time. */
export interface ChartData {
  /** Where each point begins, in milliseconds since the Unix epoch. */
  readonly times: readonly number[]
  /** Width of a point. */
  readonly stepMs: number
  /** What the axis shows, whether there are points or not. */
  readonly from: number
  readonly to: number
  readonly series: readonly ChartSeries[]
  /** Whose days are meant; the reader's own where it is left out. */
  readonly timeZone?: string
}

const shade = (light: string, dark: string) => ({ light, dark })

/** Colours that people tell apart who do not see red and green apart: blue, yellow and dark red differ in lightness as well. */
export const chartColors = {
  good: shade('blue-6', 'blue-5'),
  moved: shade('cyan-3', 'cyan-8'),
  clientError: shade('yellow-5', 'yellow-4'),
  serverError: shade('red-9', 'red-6'),
  none: shade('gray-5', 'gray-6'),
  first: shade('cyan-6', 'cyan-4'),
  second: shade('indigo-6', 'indigo-4'),
  third: shade('grape-6', 'grape-4'),
  fourth: shade('orange-8', 'orange-5'),
} as const
