import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HEADERS } from './headers.ts'
import { percentile } from './median.ts'
import { run } from './processes.ts'
import type { LoadRequest } from './wrk.ts'

/** What a run at a fixed rate measured. */
export interface PacedLoad {
  readonly requests: number
  /** Requests that got no answer, or one that is not 2xx. */
  readonly failures: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Drives a port at a fixed rate in all, as h2load (HTTP/1.1) does it: what is slow shows as latency, not as fewer requests. */
export async function h2load(
  load: LoadRequest & { readonly rate: number; readonly folder: string },
): Promise<PacedLoad> {
  const log = join(load.folder, `h2load-${load.port}.log`)
  const { connections, seconds, port, host, path, rate } = load
  const headers = [`:authority: ${host}`, ...HEADERS].flatMap((header) => ['-H', header])
  await run(
    'h2load',
    [
      '--h1',
      '-t1',
      `-c${connections}`,
      `--rps=${rate / connections}`,
      `-D${seconds}`,
      `--log-file=${log}`,
      ...headers,
      `http://127.0.0.1:${port}${path}`,
    ],
    (seconds + 30) * 1000,
  )
  const text = readFileSync(log, 'utf8')
  rmSync(log)
  return readLog(text)
}

/** Reads the log of h2load: a line per request with start, status (-1: none) and microseconds to the end of the answer. */
export function readLog(text: string): PacedLoad {
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]))
  const millis = lines.map(([, , micros]) => Number(micros) / 1000)
  return {
    requests: lines.length,
    failures: lines.filter(([, status]) => !status?.startsWith('2')).length,
    p50Ms: percentile(millis, 0.5),
    p99Ms: percentile(millis, 0.99),
  }
}
