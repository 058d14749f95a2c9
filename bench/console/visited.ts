import type { Browser, BrowserContext, Cookie } from 'playwright-core'
import { seed } from '../../tests/console/seed.ts'
import { startBrowser } from '../../tests/support/browser.ts'
import { hasCommand, installMissing, remedy } from '../../tests/support/commands.ts'
import { call } from '../../tests/support/design.ts'
import { freePort, startTurnpike, type Turnpike } from '../../tests/support/turnpike.ts'

/** A program with something to look at, and a real browser. */
export interface Visited {
  readonly turnpike: Turnpike
  readonly url: string
  readonly browser: Browser
  /** Where other tools reach the same browser. */
  readonly debuggingPort: number
  /** What a browser sends that somebody is logged in with. */
  readonly session: Cookie
  /** A browser that has been nowhere yet, with somebody logged in or nobody. */
  visitor(isLoggedIn: boolean): Promise<BrowserContext>
  stop(): Promise<void>
}

const USER = { name: 'bench', password: 'correct horse battery' }
/** Longer than anything takes on a machine that does other things as well. */
const PATIENCE_MS = 120_000

/** Starts both; the session is an admin's. */
export async function startVisited(): Promise<Visited> {
  requireChromium()
  const turnpike = await startTurnpike()
  await seed(turnpike)
  await call(turnpike, 'POST', '/users', { ...USER, role: 'admin' })
  const debuggingPort = await freePort()
  const browser = await startBrowser([`--remote-debugging-port=${debuggingPort}`])
  const url = `http://127.0.0.1:${turnpike.managementPort}`
  const session = await logIn(browser, url)
  return {
    turnpike,
    url,
    browser,
    debuggingPort,
    session,
    async visitor(isLoggedIn) {
      const context = await browser.newContext({ baseURL: url, locale: 'en-US' })
      context.setDefaultTimeout(PATIENCE_MS)
      if (isLoggedIn) await context.addCookies([session])
      return context
    },
    async stop() {
      await browser.close()
      await turnpike.stop()
    },
  }
}

function requireChromium(): void {
  const trouble = installMissing(['chromium'])
  if (!hasCommand('chromium')) throw new Error(`chromium missing${trouble}: ${remedy(['chromium'])}.`)
}

async function logIn(browser: Browser, url: string): Promise<Cookie> {
  const context = await browser.newContext()
  const response = await context.request.post(`${url}/api/v1/sessions`, { data: USER, headers: { origin: url } })
  const [session] = await context.cookies()
  await context.close()
  if (session === undefined) throw new Error(`${USER.name} could not log in: ${response.status()}`)
  return session
}
