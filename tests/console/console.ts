import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser } from '../support/browser.ts'
import { call } from '../support/design.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The console in a real browser, against the real program. */

/** What users of the tests log in with. */
export const PASSWORD = 'correct horse battery'
/** Longer than anything takes on a machine that does other things as well. */
const PATIENCE_MS = 60_000

/** What somebody may do. */
export type Role = 'admin' | 'editor' | 'viewer'

/** A started program, and a browser. */
export interface Console {
  readonly turnpike: Turnpike
  readonly browser: Browser
  readonly url: string
  /** A page of somebody who is logged in, at a path of the console. Each has a context of its own, with its own session. */
  open(path: string, options?: BrowserContextOptions & { readonly role?: Role }): Promise<Page>
  close(): Promise<void>
}

/** Starts both. `args` go to the program, which has one worker where they do not say otherwise. */
export async function startConsole(args: readonly string[] = ['--workers', '1']): Promise<Console> {
  const turnpike = await startTurnpike({ args })
  const browser = await startBrowser()
  const url = `http://127.0.0.1:${turnpike.managementPort}`
  const users = new Set<Role>()
  return {
    turnpike,
    browser,
    url,
    async open(path, { role = 'admin', ...options } = {}) {
      if (!users.has(role)) await call(turnpike, 'POST', '/users', { name: role, password: PASSWORD, role })
      users.add(role)
      const context = await browser.newContext({ baseURL: url, locale: 'en-US', reducedMotion: 'reduce', ...options })
      context.setDefaultTimeout(PATIENCE_MS)
      await logIn(context, url, role)
      const page = await context.newPage()
      await page.goto(path)
      return page
    },
    async close() {
      await browser.close()
      await turnpike.stop()
    },
  }
}

/** Begins a session as a browser does. */
async function logIn(context: BrowserContext, url: string, name: string): Promise<void> {
  const response = await context.request.post('/api/v1/sessions', {
    data: { name, password: PASSWORD },
    headers: { origin: url },
  })
  if (!response.ok()) throw new Error(`${name} could not log in: ${response.status()} ${await response.text()}`)
}
