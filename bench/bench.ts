import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hasCommand, installMissing, remedy } from '../tests/support/commands.ts'
import { cases } from './cases.ts'
import { type Comparison, compare } from './compare.ts'
import { type Finding, isMet } from './finding.ts'
import { measures } from './measures.ts'
import { peers } from './subjects/peers.ts'
import { printComparison, printFindings } from './table.ts'

/** `npm run bench`: what Turnpike costs beside its peers, in one run, and what it holds; see `docs/performance.md`. */

const USAGE = `npm run bench -- [--case NAME]… [--rounds 5] [--duration 5] [--connections 64] [--subjects LIST] [--json FILE]
  cases:    ${[...cases, ...measures].map(({ name, summary }) => `${name.padEnd(18)} ${summary}`).join('\n            ')}
  subjects: ${['turnpike', ...peers.map(({ name }) => name), 'direct'].join(',')}`

/** A command line that cannot be run, in a sentence. */
class Usage extends Error {}

async function main(): Promise<boolean> {
  const options = readOptions()
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  requireTools(options.subjects)

  const results: Results = { cases: {}, measures: {} }
  for (const name of options.case) {
    const one = cases.find((each) => each.name === name)
    if (one === undefined) {
      results.measures[name] = (await measures.find((each) => each.name === name)?.run(folder)) ?? []
      printFindings(name, results.measures[name])
    } else {
      results.cases[name] = await compare(one, { ...options, folder })
      printComparison(one, results.cases[name], options)
    }
    // After each case: what has been measured is kept when a later one fails.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(asJson(results), null, 2)}\n`)
  }
  return isClean(results)
}

interface Results {
  readonly cases: Record<string, Comparison>
  readonly measures: Record<string, readonly Finding[]>
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true, default: ['bare'] },
      rounds: { type: 'string', default: '5' },
      duration: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64' },
      subjects: { type: 'string', default: ['turnpike', ...peers.map(({ name }) => name), 'direct'].join(',') },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) throw new Usage('how to run it:')
  const subjects = values.subjects.split(',')
  assertKnown('--case', values.case, [...cases, ...measures])
  assertKnown('--subjects', subjects, [{ name: 'turnpike' }, ...peers, { name: 'direct' }])
  return {
    ...values,
    subjects,
    rounds: count('--rounds', values.rounds, 100),
    seconds: count('--duration', values.duration, 600),
    connections: count('--connections', values.connections, 10_000),
  }
}

function assertKnown(flag: string, given: readonly string[], known: readonly { readonly name: string }[]): void {
  const unknown = given.find((name) => !known.some((one) => one.name === name))
  if (unknown !== undefined) throw new Usage(`${flag} has "${unknown}", which there is not.`)
}

function count(flag: string, given: string, max: number): number {
  const value = /^\d+$/.test(given) ? Number(given) : 0
  if (value >= 1 && value <= max) return value
  throw new Usage(`${flag} is "${given}", but must be a whole number from 1 to ${max}.`)
}

/** Without upstream and load generator there is nothing to measure; without a peer there is a line less. */
function requireTools(subjects: readonly string[]): void {
  const needed = ['nginx', 'wrk', 'h2load']
  const trouble = installMissing([...needed, ...subjects.filter((name) => name === 'haproxy' || name === 'caddy')])
  const missing = needed.filter((command) => !hasCommand(command))
  if (missing.length > 0) throw new Error(`${missing.join(', ')} missing${trouble}: ${remedy(missing)}.`)
}

/** The shape that other tools read: a line of the table by case and subject, an aim and what was measured by case. */
function asJson({ cases, measures }: Results) {
  const rows = Object.entries(cases).map(([name, { rows }]) => [
    name,
    Object.fromEntries(rows.map(({ name: subject, ...row }) => [subject, row])),
  ])
  return { cases: Object.fromEntries(rows), measures }
}

/** Whether every request of every case was answered well. A missed aim is a number to look at; a failed request is a fault. */
function isClean({ cases, measures }: Results): boolean {
  const hasErrors = Object.values(cases).some(({ rows }) => rows.some(({ errors }) => errors > 0))
  const hasFailures = Object.values(measures).some((findings) =>
    findings.some((finding) => finding.isFault === true && !isMet(finding)),
  )
  return !hasErrors && !hasFailures
}

try {
  process.exit((await main()) ? 0 : 1)
} catch (error) {
  const isUsage = error instanceof Usage || (error instanceof TypeError && 'code' in error)
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}${isUsage ? `\n\n${USAGE}` : ''}`)
  process.exit(isUsage ? 2 : 1)
}
