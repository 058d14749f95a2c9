import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What one run of wrk measured. */
export interface Load {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that are not 2xx or 3xx, and errors of sockets. */
  readonly errors: number
}

/** About 400 bytes, as a browser sends them. */
const HEADERS = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
  'Accept: application/json, text/plain, */*',
  'Accept-Language: en-US,en;q=0.9,ko;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Referer: https://console.example.com/orders/2026',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
  'X-Requested-With: XMLHttpRequest',
]

/** Drives a URL with `connections` keep-alive connections for `seconds`. */
export async function wrk(url: string, host: string, connections: number, seconds: number): Promise<Load> {
  const headers = [...HEADERS, `Host: ${host}`].flatMap((header) => ['-H', header])
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...headers, url], {
    timeout: (seconds + 30) * 1000,
  })
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0)
  const errors =
    Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0) +
    (sockets?.slice(1).reduce((sum, count) => sum + Number(count), 0) ?? 0)
  return {
    requests,
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0),
    p50Ms: latency(stdout, '50%'),
    p99Ms: latency(stdout, '99%'),
    errors,
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

function latency(text: string, percentile: string): number {
  const match = new RegExp(`${percentile}\\s+([\\d.]+)(us|ms|s)\\b`).exec(text)
  return Number(match?.[1] ?? Number.NaN) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN)
}
