import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'

/** Processes of a benchmark: started, waited for, measured, and stopped by their ids. */

const children = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
process.on('exit', stopAll)

/** Starts a program; it is stopped with us at the latest. */
export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000)
    })
  }
  child.on('exit', (code) => {
    if (children.delete(child) && code !== 0 && code !== null)
      console.error(`${command} ended with ${code}:\n${output}`)
  })
  children.add(child)
  return child
}

export function stopAll(): void {
  for (const child of children) {
    children.delete(child)
    child.kill('SIGTERM')
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Waits until something listens on a port, for at most ten seconds. */
export async function listening(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; ; ) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    if (Date.now() > end) throw new Error(`nothing listens on port ${port}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Clock ticks of a second in /proc/PID/stat. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** CPU time (user and system, of all threads) of a process and its children, in microseconds. */
export function cpuMicros(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, one) => sum + ownCpuMicros(one), 0)
}

function ownCpuMicros(pid: number): number {
  const fields = afterName(pid)
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

function descendants(pid: number): number[] {
  const found: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (Number(afterName(Number(name))[1]) === pid) found.push(Number(name), ...descendants(Number(name)))
    } catch {
      // It has ended since it was listed.
    }
  }
  return found
}

/** The fields of /proc/PID/stat behind the name, which may hold anything. */
function afterName(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
