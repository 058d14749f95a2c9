import { Labels } from './metric.ts'

/** The one label that stays in what is summed up: of statuses there are never many. */
const KEPT = 'status'
const OTHER = 'other'

/**
 * The series of one metric, at most so many: what would be one more is summed up in a series whose labels all say `other`
 * (one for each status), and that is counted. No client and no design can make us, or who scrapes us, run out of memory.
 */
export class CappedSeries<T> {
  private readonly max: number
  private readonly make: () => T
  private readonly own = new Map<string, readonly [Labels, T]>()
  private readonly others = new Map<string, readonly [Labels, T]>()
  /** How often a new set of labels found no place. */
  overflows = 0

  constructor(max: number, make: () => T) {
    this.max = max
    this.make = make
  }

  /** How many series have a place of their own. */
  get size(): number {
    return this.own.size
  }

  /** The value of a series; of `other`, where it has no place. */
  of(labels: Labels): T {
    const found = this.own.get(labels.text)
    if (found !== undefined) return found[1]
    if (this.own.size < this.max) return this.add(this.own, labels.text, labels)
    this.overflows++
    const kept = labels.values[KEPT] ?? ''
    return this.others.get(kept)?.[1] ?? this.add(this.others, kept, otherOf(labels))
  }

  /** Drops series that are no longer `kept`, to make room. */
  drop(kept: (values: Readonly<Record<string, string>>) => boolean): void {
    for (const [text, [{ values }]] of this.own) if (!kept(values)) this.own.delete(text)
  }

  *[Symbol.iterator](): Generator<readonly [Labels, T]> {
    yield* this.own.values()
    yield* this.others.values()
  }

  private add(to: Map<string, readonly [Labels, T]>, key: string, labels: Labels): T {
    const value = this.make()
    to.set(key, [labels, value])
    return value
  }
}

function otherOf({ values }: Labels): Labels {
  return new Labels(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, name === KEPT ? value : OTHER])),
  )
}
