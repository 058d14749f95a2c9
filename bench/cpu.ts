import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** What the kernel says of a process, from `/proc` (see proc(5)). */

/** Clock ticks of a second: the unit of CPU times. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** CPU time (user and system, of all threads) of a process and all below it, in microseconds. */
export function cpuMicros(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, one) => sum + ownCpuMicros(one), 0)
}

function ownCpuMicros(pid: number): number {
  const { userTicks, systemTicks } = stat(pid)
  return ((userTicks + systemTicks) / TICKS_PER_SECOND) * 1e6
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => parentOf(one) === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function parentOf(pid: number): number | null {
  try {
    return stat(pid).parent
  } catch {
    return null // it has ended since it was listed
  }
}

function stat(pid: number): { parent: number; userTicks: number; systemTicks: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Counted from behind the name, which may hold anything: field 3, the state, is the first.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { parent: Number(fields[1]), userTicks: Number(fields[11]), systemTicks: Number(fields[12]) }
}

/** Resident memory of a process now, in bytes. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS')
}

/** The most resident memory that a process has had since `forgetPeak`, in bytes. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM')
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

function statusBytes(pid: number, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? Number.NaN) * 1024
}

/** How many files and sockets this process may have open. */
export function openFilesLimit(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024)
}
