import lighthouse, { desktopConfig, type Flags, type Result } from 'lighthouse'
import type { Finding } from '../finding.ts'
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
    const result = await examine(url + path, debuggingPort, device)
    for (const { id, aim } of categories) {
      const measured = Math.round((result.categories[id]?.score ?? 0) * 100)
      if (measured < aim) explain(`${what} on a ${device}`, id, result)
      findings.push({ what: `Lighthouse, ${id}: ${what} on a ${device}`, measured, aim, unit: '', isLeast: true })
    }
  }
  return findings
}

async function examine(url: string, port: number, device: Device): Promise<Result> {
  const flags: Flags = { port, logLevel: 'silent', onlyCategories: categories.map(({ id }) => id) }
  const run = await lighthouse(url, flags, devices[device])
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
