import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { findCommand, requireCommands } from './commands.ts'
import { freePort, temporaryFolder } from './turnpike.ts'

/** A PostgreSQL server of the tests' own, in a folder that goes with them. */

const START_TIMEOUT_MS = 90_000
export const PASSWORD = 'pg-secret+of/the tests'

/** Why tests with PostgreSQL must be left out; false where they need not be. */
export const withoutPostgres = requireCommands(['initdb', 'postgres'])

const running = new Set<ChildProcess>()
process.once('exit', () => {
  // SIGQUIT: it takes its own processes along.
  for (const child of running) child.kill('SIGQUIT')
})

export interface PostgresServer {
  readonly port: number
  /** Makes an empty database and gives back its URL; `options` as SQL has them. */
  createDatabase(options?: string): Promise<string>
  /** Runs a statement as the owner of everything. */
  run(statement: string): Promise<void>
  /** Ends it at once, with all connections. */
  stop(): Promise<void>
  /** Starts it again, on the same port and data. */
  start(): Promise<void>
}

/** Starts a server that sorts as people do, not by bytes, so that a missing collation is seen; and that does not wait for disks. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = temporaryFolder()
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')]
  mkdirSync(data)
  writeFileSync(passwordFile, PASSWORD)
  const user = unprivileged()
  if (user !== null) for (const path of [folder, data, passwordFile]) chownSync(path, user.uid, user.gid)
  execFileSync(
    findCommand('initdb') ?? 'initdb',
    [
      ...['--pgdata', data, '--username', 'turnpike', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--no-sync'],
      ...['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--locale-provider', 'icu', '--icu-locale', 'en'],
    ],
    { ...user, cwd: folder, stdio: 'pipe' },
  )
  const port = await freePort()
  const start = () => startServer(data, port, user)
  let server = await start()
  let lastDatabase = 0
  const url = (database: string) => `postgres://turnpike:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`
  const run = async (statement: string) => {
    const client = new Client({ connectionString: url('postgres') })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  return {
    port,
    async createDatabase(options = '') {
      const name = `test_${++lastDatabase}`
      await run(`create database ${name} ${options}`)
      return url(name)
    },
    run,
    async stop() {
      server.child.kill('SIGINT')
      await server.ended
    },
    async start() {
      server = await start()
    },
  }
}

async function startServer(data: string, port: number, user: User | null) {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=100']
  const child = spawn(
    findCommand('postgres') ?? 'postgres',
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  running.add(child)
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      running.delete(child)
      resolve()
    }),
  )
  await untilReady(child, ended)
  return { child, ended }
}

async function untilReady(child: ChildProcess, ended: Promise<void>): Promise<void> {
  let text = ''
  const ready = new Promise<void>((resolve) =>
    child.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk).slice(-10_000)
      if (text.includes('ready to accept connections')) resolve()
    }),
  )
  const failed = ended.then(() => Promise.reject(new Error(`PostgreSQL ended:\n${text}`)))
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    child.kill('SIGQUIT')
    reject(new Error(`PostgreSQL was not ready in time:\n${text}`))
  }, START_TIMEOUT_MS)
  try {
    await Promise.race([ready, failed, tooLate])
  } finally {
    clearTimeout(timer)
    // It ends once more, when it is stopped; then nobody waits for this.
    failed.catch(() => undefined)
  }
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to be run by root; null where we are not. */
function unprivileged(): User | null {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
