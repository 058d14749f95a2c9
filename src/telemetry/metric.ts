/** What is measured, as families of points: the same for every form that they leave in (`exposition.ts`, `otlp-metrics.ts`). */

/** Names and values that tell the points of a family apart; an empty value is as none. Their text is made once. */
export class Labels {
  readonly values: Readonly<Record<string, string>>
  /** As both text formats write them: `service="pets",stage="live"`. */
  readonly text: string

  constructor(values: Readonly<Record<string, string>>) {
    this.values = values
    this.text = Object.entries(values)
      .flatMap(([name, value]) => (value === '' ? [] : [`${name}="${escaped(value)}"`]))
      .join(',')
  }
}

const none = new Labels({})

interface Described {
  /** Without the `_total` of counters; ends with its unit where it has one. */
  readonly name: string
  /** One sentence. */
  readonly help: string
  readonly unit?: 'seconds' | 'bytes'
}

export interface NumberFamily extends Described {
  readonly type: 'counter' | 'gauge'
  readonly points: Iterable<readonly [Labels, number]>
}

/** A histogram's counts by bucket, not added up; the last is of what is above all bounds. */
export interface HistogramValue {
  readonly counts: Float64Array
  readonly sum: number
}

export interface HistogramFamily extends Described {
  readonly type: 'histogram'
  /** The largest value of each bucket but the last. */
  readonly bounds: readonly number[]
  readonly points: Iterable<readonly [Labels, HistogramValue]>
}

/** One metric with all its series at this moment. */
export type Family = NumberFamily | HistogramFamily

/** A family of one point without labels. */
export function single(family: Omit<NumberFamily, 'points'>, value: number): NumberFamily {
  return { ...family, points: [[none, value]] }
}

/** A family whose points are made of a list. */
export function listed<T>(
  family: Omit<NumberFamily, 'points'>,
  list: Iterable<T>,
  point: (one: T) => readonly [Readonly<Record<string, string>>, number],
): NumberFamily {
  return {
    ...family,
    points: Array.from(list, (one) => {
      const [values, value] = point(one)
      return [new Labels(values), value] as const
    }),
  }
}

function escaped(value: string): string {
  if (!/[\\"\n]/.test(value)) return value
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
