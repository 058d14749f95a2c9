import { type Browser, chromium } from 'playwright-core'
import { findCommand, remedy } from './commands.ts'

/** Debian's Chromium, for tests that need a real browser. Tests say so with `requireCommands(['chromium'])`. */

/** It asks nobody outside for anything, and draws without a screen. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts it. Whoever does so closes it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findCommand('chromium')
  if (executablePath === null) throw new Error(`chromium missing: ${remedy(['chromium'])}`)
  return chromium.launch({ executablePath, args: ARGS })
}
