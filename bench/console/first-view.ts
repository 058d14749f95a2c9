import type { Page } from 'playwright-core'
import type { Finding } from '../finding.ts'
import { answered, observe } from './observed.ts'
import type { Visited } from './visited.ts'

/** The first view that somebody sees: what is fetched for it, and how long it takes until it answers. */

/** What is there when a view is: the heading of what it is about. */
const views = [
  { what: 'the login', isLoggedIn: false, main: 'button[type=submit]' },
  { what: 'the overview', isLoggedIn: true, main: 'main a[href^="/services/shop"]' },
] as const

const SCRIPT_KB = 200
const INTERACTIVE_MS = 1_500
/** A machine of today beside a phone or an old laptop. */
const SLOWER = 4
const TIMES = 5

/** The bytes of all scripts that a browser fetches, as they come over the wire. */
export async function scripts(visited: Visited): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { what, isLoggedIn, main } of views) {
    const context = await visited.visitor(isLoggedIn)
    const page = await context.newPage()
    const bytes = await scriptBytes(page, main)
    findings.push({ what: `${what}: compressed scripts`, measured: bytes / 1_000, aim: SCRIPT_KB, unit: 'KB' })
    await context.close()
  }
  return findings
}

async function scriptBytes(page: Page, main: string): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  const urls = new Map<string, string>()
  let bytes = 0
  devtools.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url))
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (urls.get(requestId)?.endsWith('.js')) bytes += encodedDataLength
  })
  await devtools.send('Network.enable')
  await observe(page, main)
  await page.goto('/')
  await answered(page)
  return bytes
}

/** How long a visitor with an empty cache and a slow machine waits until what they came for is there, and answers. */
export async function interactive(visited: Visited): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { what, isLoggedIn, main } of views) {
    const samples: Sample[] = []
    for (let i = 0; i < TIMES; i++) {
      const context = await visited.visitor(isLoggedIn)
      samples.push(await untilInteractive(await context.newPage(), main))
      await context.close()
    }
    const best = (key: keyof Sample) => Math.min(...samples.map((sample) => sample[key]))
    findings.push(
      { what: `${what}: interactive, CPU ${SLOWER} × slower`, measured: best('ms'), aim: INTERACTIVE_MS, unit: 'ms' },
      { what: `${what}: CPU time of the page by then`, measured: best('cpuMs'), aim: null, unit: 'ms' },
    )
  }
  return findings
}

interface Sample {
  readonly ms: number
  readonly cpuMs: number
}

/** From the navigation until the content is there and the last long task of its loading is over. */
async function untilInteractive(page: Page, main: string): Promise<Sample> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await observe(page, main)
  await page.goto('/')
  const { contentMs, lastTaskEndMs } = await answered(page)
  const { metrics } = await devtools.send('Performance.getMetrics')
  const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  return { ms: Math.max(contentMs, lastTaskEndMs), cpuMs: seconds * 1_000 }
}
