import type { Finding } from './finding.ts'

/** Something that is measured of Turnpike itself, against a number and not against peers. */
export interface Measure {
  readonly name: string
  readonly summary: string
  /** Starts what it needs, measures, and stops it. `folder` is for files that go when the benchmark ends. */
  run(folder: string): Promise<readonly Finding[]>
}
