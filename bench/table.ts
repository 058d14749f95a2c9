import type { Case } from './cases.ts'
import type { Comparison, Row, RunOptions } from './compare.ts'
import { type Finding, isMet } from './finding.ts'

/** Tables in Markdown, so that documents can quote them as they are. */

/** Prints what a comparison measured, and how it stands to its aims. */
export function printComparison(
  one: Case,
  { rows, findings }: Comparison,
  { rounds, seconds, connections }: Omit<RunOptions, 'folder'>,
): void {
  console.log(`\n${one.name}: ${one.summary} (${rounds} rounds of ${seconds} s, ${connections} connections)\n`)
  console.log('| subject | requests/s | CPU µs/request | ratio to nginx | p50 ms | p99 ms | errors |')
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const row of rows) console.log(`| ${cells(row).join(' | ')} |`)
  for (const { name, errors } of rows)
    if (errors > 0) console.log(`\n!!! ${name} had ${errors} errors: its numbers mean nothing.`)
  if (findings.length > 0) printFindings(one.name, findings)
}

function cells({ name, rps, cpuMicros, ratioToNginx, p50Ms, p99Ms, errors }: Row): string[] {
  return [
    name,
    rps.toFixed(0),
    cpuMicros.toFixed(1),
    ratioToNginx === null ? '–' : ratioToNginx.toFixed(2),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    errors === 0 ? '0' : `**${errors}**`,
  ]
}

/** Prints measured values beside what they should be. */
export function printFindings(title: string, findings: readonly Finding[]): void {
  console.log(`\n| ${title} | measured | aim | |`)
  console.log('| --- | ---: | ---: | --- |')
  for (const finding of findings) {
    const { what, measured, aim, unit, isLeast = false } = finding
    const verdict = aim === null ? '' : isMet(finding) ? 'met' : '**missed**'
    const wanted = aim === null ? '–' : `${isLeast ? '≥' : '≤'} ${readable(aim)} ${unit}`
    console.log(`| ${what} | ${readable(measured)} ${unit} | ${wanted} | ${verdict} |`)
  }
}

function readable(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 })
}
