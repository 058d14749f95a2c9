import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { searchPath } from '../tests/support/commands.ts'

/** Programs of a benchmark: started, waited for, and stopped by their ids. */

const START_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 5_000
const POLL_MS = 20

const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
// SIGTERM, not SIGKILL: nginx must be able to take its worker along.
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM')
})

/** A program that serves on a port. */
export interface Server {
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a program and waits until it listens. Throws with its last output where it does not. */
export async function startServer(
  command: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv = {},
): Promise<Server> {
  const { child, ended, output } = launch(command, args, env)
  const state = await Promise.race([ended.then(() => 'ended' as const), listening(port)])
  if (state === 'listening') return { pid: child.pid ?? 0, stop: () => stop(child, ended) }
  await stop(child, ended)
  throw new Error(`${command} ${state === 'ended' ? 'ended at once' : `does not listen on port ${port}`}:\n${output()}`)
}

/** Runs a program to its end and gives back what it wrote. Throws where it fails or takes too long. */
export async function run(command: string, args: readonly string[], timeoutMs: number): Promise<string> {
  const { child, ended, output } = launch(command, args, {})
  const tooLate = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const code = await ended
  clearTimeout(tooLate)
  if (code !== 0) throw new Error(`${command} ${code === null ? 'took too long' : `ended with ${code}`}:\n${output()}`)
  return output()
}

function launch(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: searchPath, ...env },
  })
  running.add(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-10_000)
    })
  }
  const ended = new Promise<number | null>((resolve) => {
    const end = (code: number | null) => {
      running.delete(child)
      resolve(code)
    }
    child.once('close', end)
    child.once('error', (error) => {
      text += error.message
      end(127)
    })
  })
  return { child, ended, output: () => text }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  const tooLate = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(tooLate)
}

async function listening(port: number): Promise<'listening' | 'too late'> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await sleep(POLL_MS))
    if (await accepts(port)) return 'listening'
  return 'too late'
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => socket.destroy())
    socket.once('error', () => resolve(false)).once('close', (failed) => resolve(!failed))
  })
}

/** Waits; for measurements, where time is the subject. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
