import { execFileSync } from 'node:child_process'
import { accessSync, constants, globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Programs of the system that tests and benchmarks need, and the Debian packages that they come in. */

const PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  caddy: 'caddy',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  nghttp: 'nghttp2-client',
  curl: 'curl',
  openssl: 'openssl',
  chromium: 'chromium-headless-shell',
  certutil: 'libnss3-tools',
  python3: 'python3',
  promtool: 'prometheus',
  initdb: 'postgresql',
  postgres: 'postgresql',
}

/** Programs that do what another one does, the best first: Chromium without the parts that draw windows takes a third less of the machine. */
const STAND_INS: Readonly<Record<string, readonly string[]>> = { chromium: ['chromium-headless-shell'] }

const INSTALL_TIMEOUT_MS = 300_000

/** The search path, with the folders where Debian keeps servers and only root's PATH looks. */
export const searchPath = [process.env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter)

/** Whether a program is installed. */
export function hasCommand(command: string): boolean {
  return findCommand(command) !== null
}

/** The file of a program; null where it is not installed. */
export function findCommand(command: string): string | null {
  // Debian keeps the servers of each version of PostgreSQL in a folder of their own, which is in no PATH.
  const folders = [...searchPath.split(delimiter), ...globSync('/usr/lib/postgresql/*/bin').sort().reverse()]
  return (
    [...(STAND_INS[command] ?? []), command]
      .flatMap((name) => folders.filter((folder) => folder !== '').map((folder) => join(folder, name)))
      .find(isExecutable) ?? null
  )
}

/**
 * Makes sure that programs are there, installing their Debian packages where we are root. Gives back `false`, or why a test
 * must be left out: `test('…', { skip: requireCommands(['nginx']) }, …)`. Under `CI=true` it throws instead, so that no suite is
 * silently left out where it counts.
 */
export function requireCommands(commands: readonly string[], env: NodeJS.ProcessEnv = process.env): string | false {
  const trouble = installMissing(commands)
  const missing = commands.filter((command) => !hasCommand(command))
  if (missing.length === 0) return false
  const reason = `${missing.join(', ')} missing${trouble}: ${remedy(missing)}`
  if (env.CI === 'true') throw new Error(reason)
  return reason
}

/** Tries to install what is missing. Gives back why that failed, or nothing. */
export function installMissing(commands: readonly string[]): string {
  const packages = commands.filter((command) => !hasCommand(command)).flatMap((command) => PACKAGES[command] ?? [])
  if (packages.length === 0 || process.getuid?.() !== 0 || !hasCommand('apt-get')) return ''
  try {
    aptGet('update', '-qq')
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...packages)
    return ''
  } catch (error) {
    return ` (apt-get could not install them: ${error instanceof Error ? error.message.trim() : String(error)})`
  }
}

/** How a person gets what is missing. */
export function remedy(commands: readonly string[]): string {
  const packages = commands.map((command) => PACKAGES[command] ?? command)
  return `install with "apt-get install ${packages.join(' ')}" and run again`
}

function aptGet(...args: readonly string[]): void {
  // Test files run at the same time, and apt-get fails where another one runs: one waits for the other.
  execFileSync('flock', [join(tmpdir(), 'turnpike-tests-apt.lock'), 'apt-get', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_TIMEOUT_MS,
    // Packages of servers ask this variable whether to start them: the tests run their own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // not there, or not ours to run: either way not a command
  }
}
