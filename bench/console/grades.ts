import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import lighthouse, { desktopConfig, type Flags, type Result } from 'lighthouse'
import type { Finding } from '../finding.ts'
import { putOnCpuClock } from './cpu-clock.ts'
import type { Visited } from './visited.ts'

/** What Lighthouse thinks of the console, as a phone and as a computer see it. */

const categories = [
  { id: 'accessibility', aim: 95 },
  { id: 'best-practices', aim: 95 },
  { id: 'performance', aim: 90 },
] as const
/** Where nobody is logged in there is only one view. */
const LOGIN = { what: 'the login', path: '/' }
const views = [
  { what: 'the overview', path: '/' },
  { what: 'a design', path: '/services/shop/design?node=/pets&method=GET' },
  { what: 'a dashboard', path: '/services/shop/stages/live/dashboard' },
] as const
const devices = { phone: undefined, computer: desktopConfig } as const
type Device = keyof typeof devices

export async function grades(visited: Visited): Promise<Finding[]> {
  const findings = await gradesOf(visited, LOGIN)
  const devtools = await visited.browser.newBrowserCDPSession()
  const { name, value, path, httpOnly } = visited.session
  // Lighthouse works in the browser's own profile, not in a context.
  await devtools.send('Storage.setCookies', { cookies: [{ name, value, path, httpOnly, url: visited.url }] })
  for (const view of views) findings.push(...(await gradesOf(visited, view)))
  return findings
}

async function gradesOf(
  { url, debuggingPort }: Visited,
  { what, path }: { readonly what: string; readonly path: string },
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const device of Object.keys(devices) as Device[]) {
    const { result, byCpu } = await examine(url + path, debuggingPort, device)
    for (const { id, aim } of categories) {
      const measured = gradeOf(result, id)
      if (measured < aim) explain(`${what} on a ${device}`, id, result)
      findings.push({ what: `Lighthouse, ${id}: ${what} on a ${device}`, measured, aim, unit: '', isLeast: true })
    }
    const measured = gradeOf(byCpu, 'performance')
    findings.push({ what: `… the same by CPU time: ${what} on a ${device}`, measured, aim: null, unit: '' })
  }
  return findings
}

const gradeOf = ({ categories }: Result, id: string) => Math.round((categories[id]?.score ?? 0) * 100)

interface Examined {
  readonly result: Result
  /** What the result would be on a machine that does nothing else. */
  readonly byCpu: Result
}

async function examine(url: string, port: number, device: Device): Promise<Examined> {
  const folder = mkdtempSync(join(tmpdir(), 'lighthouse-'))
  try {
    await look(url, device, { port, gatherMode: folder })
    const result = await look(url, device, { auditMode: folder })
    const file = join(folder, TRACE)
    const trace = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Parameters<typeof putOnCpuClock>[0] }
    putOnCpuClock(trace.traceEvents)
    writeFileSync(file, JSON.stringify(trace))
    return { result, byCpu: await look(url, device, { auditMode: folder }) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Where Lighthouse keeps what Chromium traced. */
const TRACE = 'defaultPass.trace.json'

/** Either half of what Lighthouse does, by way of a folder: to gather what a page does, or to judge it. */
async function look(url: string, device: Device, half: Flags): Promise<Result> {
  const flags: Flags = { ...half, logLevel: 'silent', onlyCategories: categories.map(({ id }) => id) }
  const run = await lighthouse(url, flags, devices[device])
  // Whoever only gathers has no result.
  if (run === undefined && half.gatherMode !== undefined) return {} as Result
  if (run === undefined || run.lhr.runtimeError !== undefined)
    throw new Error(`Lighthouse could not look at ${url}: ${run?.lhr.runtimeError?.message ?? 'no result'}`)
  return run.lhr
}

/** Says what is to be mended. */
function explain(where: string, id: string, { categories, audits }: Result): void {
  const refs = categories[id]?.auditRefs ?? []
  const bad = refs.flatMap(({ id, weight }) => {
    const audit = audits[id]
    if (audit === undefined || weight === 0 || audit.score === null || audit.score >= 0.9) return []
    return [`  ${audit.title} ${audit.displayValue ?? ''}`]
  })
  console.error([`bench: ${id} of ${where}:`, ...bad].join('\n'))
}
