import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findCommand } from './commands.ts'
import { temporaryFolder } from './turnpike.ts'

/** A real browser: Debian's Chromium, driven by Playwright, without a window. */

/** What `requireCommands` is to be asked for where a browser is needed, and where one is that trusts an authority. */
export const BROWSER = ['chromium']
export const TRUSTING_BROWSER = ['chromium', 'certutil']

const ARGS = [
  '--no-sandbox', // tests run as root in containers, where Chromium has no other way
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  // Nothing that a test did not ask for goes over a wire.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names for examples lead to this machine, those below `localhost` always do.
  '--host-resolver-rules=MAP *.example 127.0.0.1',
]
const LAUNCH_TIMEOUT_MS = 120_000
/** For everything that a test waits for in a page: machines that run tests are slow. */
const ACTION_TIMEOUT_MS = 60_000

/** The browser of a test file. */
export interface TestBrowser {
  /**
   * A page in a context of its own (cookies, storage, cache), which goes with the test. An exception in the page that nobody there
   * has caught fails the test.
   */
  openPage(t: TestContext, options?: BrowserContextOptions): Promise<Page>
  /** A context that goes with the test, for several pages that share what they keep. */
  openContext(t: TestContext, options?: BrowserContextOptions): Promise<BrowserContext>
}

/**
 * To be called once, at the top of a file: the browser is launched with the first page, and closes after the last test of the
 * file. `authority` says, when it is launched, which certificate (PEM) it trusts beside those of the system.
 */
export function useBrowser({ authority = null as null | (() => string) } = {}): TestBrowser {
  let launched: Promise<Browser> | null = null
  after(async () => {
    const browser = await launched?.catch(() => null)
    await browser?.close()
  })

  async function openContext(t: TestContext, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    launched ??= launch(authority?.() ?? null)
    const context = await (await launched).newContext(options)
    const uncaught: Error[] = []
    context.on('weberror', (event) => uncaught.push(event.error()))
    context.setDefaultTimeout(ACTION_TIMEOUT_MS)
    t.after(async () => {
      await context.close()
      assert.deepEqual(uncaught, [], 'exceptions that a page has not caught')
    })
    return context
  }

  return { openContext, openPage: async (t, options) => (await openContext(t, options)).newPage() }
}

/** A browser for who closes it himself. `args` are further ones of Chromium. */
export const startBrowser = (args: readonly string[] = []): Promise<Browser> => launch(null, args)

function launch(authority: string | null, args: readonly string[] = []): Promise<Browser> {
  // Never the settings and caches of whoever runs the tests.
  const home = temporaryFolder()
  if (authority !== null) trust(home, authority)
  return chromium.launch({
    executablePath: findCommand('chromium') ?? 'chromium',
    args: [...ARGS, ...args],
    env: { ...process.env, HOME: home },
    timeout: LAUNCH_TIMEOUT_MS,
  })
}

/** Puts an authority among those that Chromium takes for this user: the database of NSS in the home folder. */
function trust(home: string, certificate: string): void {
  const database = join(home, '.pki', 'nssdb')
  mkdirSync(database, { recursive: true })
  const file = join(home, 'authority.pem')
  writeFileSync(file, certificate)
  const certutil = (...args: string[]) =>
    execFileSync(findCommand('certutil') ?? 'certutil', ['-d', `sql:${database}`, ...args], { stdio: 'pipe' })
  certutil('-N', '--empty-password')
  certutil('-A', '-n', 'authority', '-t', 'C,,', '-i', file)
}
