import { HEADERS } from './headers.ts'
import { run } from './processes.ts'

/** What wrk is to do. */
export interface LoadRequest {
  readonly port: number
  readonly host: string
  readonly path: string
  readonly connections: number
  readonly seconds: number
  /** Beside the usual ones, as `Name: value`. */
  readonly headers?: readonly string[]
  /** Whether it is asked over TLS. */
  readonly isTls?: boolean
  /** A file of Lua that makes the requests. */
  readonly script?: string
}

/** What one run of wrk measured. */
export interface Load {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that are not 2xx or 3xx, errors of sockets, and one where nothing was answered at all. */
  readonly errors: number
}

/** Drives a port with keep-alive connections, each as fast as it is answered. */
export async function wrk({
  port,
  host,
  path,
  connections,
  seconds,
  headers = [],
  isTls = false,
  script,
}: LoadRequest): Promise<Load> {
  const fields = [...HEADERS, `Host: ${host}`, ...headers].flatMap((header) => ['-H', header])
  const lua = script === undefined ? [] : ['-s', script]
  const text = await run(
    'wrk',
    [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--latency',
      ...lua,
      ...fields,
      `${isTls ? 'https' : 'http'}://127.0.0.1:${port}${path}`,
    ],
    (seconds + 30) * 1000,
  )
  return readReport(text)
}

/** Reads what `wrk --latency` prints. */
export function readReport(text: string): Load {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? []
  const requests = number(/(\d+) requests in/)
  return {
    requests,
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: latencyMs(text, '50%'),
    p99Ms: latencyMs(text, '99%'),
    errors:
      number(/Non-2xx or 3xx responses: (\d+)/) +
      sockets.reduce((sum, count) => sum + Number(count), 0) +
      (requests === 0 ? 1 : 0),
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

function latencyMs(text: string, percentile: string): number {
  const [, value = '', unit = ''] = new RegExp(`^\\s*${percentile}\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text) ?? []
  return Number(value) * (UNIT_MS[unit] ?? Number.NaN)
}
