import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { searchPath } from './commands.ts'

/** `/metrics` as a test reads it. */
export interface Scrape {
  /** The sum of all series of a metric that have these labels; undefined where there is none. */
  sum(metric: string, labels?: Readonly<Record<string, string>>): number | undefined
  readonly text: string
}

/** Reads the text format. */
export function readScrape(text: string): Scrape {
  const families = new Map(parsePrometheusTextFormat(text).map((family) => [family.name, family]))
  return {
    text,
    sum(metric, wanted = {}) {
      const series = families
        .get(metric)
        ?.metrics.filter(({ labels = {} }) => Object.entries(wanted).every(([name, value]) => labels[name] === value))
      return series?.length ? series.reduce((sum, { value }) => sum + Number(value), 0) : undefined
    },
  }
}

/** Scrapes as Prometheus does. */
export async function scrape(port: number, headers: Readonly<Record<string, string>> = {}): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers })
  assert.equal(response.status, 200)
  return readScrape(await response.text())
}

/** Scrapes until a condition holds of what is read. */
export async function scrapeUntil(port: number, condition: (read: Scrape) => boolean, what: string): Promise<Scrape> {
  const end = Date.now() + 60_000
  for (;;) {
    const read = await scrape(port)
    if (condition(read)) return read
    if (Date.now() > end) throw new Error(`never ${what}:\n${read.text}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What Prometheus's own tool finds wrong with a text; empty for nothing. */
export function promtoolFindings(text: string): string {
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
    env: { ...process.env, PATH: searchPath },
  })
  return status === 0 ? '' : `${stdout}${stderr}`
}
