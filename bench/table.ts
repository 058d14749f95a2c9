/** One subject's line: medians of the rounds. */
export interface Row {
  readonly rps: number
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly ratioToNginx: number
  readonly errors: number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

/** Prints a table in Markdown, so that documents can quote it as it is. */
export function printTable(title: string, rows: Readonly<Record<string, Row>>, how: string): void {
  console.log(`\n${title} (${how})\n`)
  console.log('| subject | requests/s | CPU µs/request | ratio to nginx | p50 ms | p99 ms |')
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |')
  for (const [name, { rps, cpuMicros, ratioToNginx, p50Ms, p99Ms, errors }] of Object.entries(rows)) {
    const ratio = Number.isNaN(ratioToNginx) ? '–' : ratioToNginx.toFixed(2)
    console.log(
      `| ${name} | ${rps.toFixed(0)} | ${cpuMicros.toFixed(1)} | ${ratio} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} |${errors > 0 ? ` ${errors} ERRORS` : ''}`,
    )
  }
}
