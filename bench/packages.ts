import { execFileSync, spawnSync } from 'node:child_process'

/** Debian packages of the programs that the benchmark needs, by command. */
const PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  caddy: 'caddy',
  wrk: 'wrk',
}

export function hasCommand(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { env: pathWithSbin() }).status === 0
}

/** Debian keeps some servers where only root's PATH looks. */
export function pathWithSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
}

/** Installs what is missing, where we are root on Debian. What is still missing then is left out, and said so. */
export function installMissing(commands: readonly string[]): void {
  const missing = commands.filter((command) => !hasCommand(command))
  if (missing.length === 0 || process.getuid?.() !== 0 || !hasCommand('apt-get')) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
    // The services are not to be started: the benchmark runs its own.
    execFileSync(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', ...missing.flatMap((command) => PACKAGES[command] ?? [])],
      { stdio: 'ignore', env: { ...env, RUNLEVEL: '1' } },
    )
  } catch (error) {
    console.error(`could not install ${missing.join(', ')}: ${error instanceof Error ? error.message : error}`)
  }
}
