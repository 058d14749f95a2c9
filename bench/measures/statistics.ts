import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readKeyFile } from '../../src/lib/key-file.ts'
import { createVault } from '../../src/lib/vault.ts'
import { ALL, stageTotal } from '../../src/stats/gathered.ts'
import { type Granularity, granularities } from '../../src/stats/granularity.ts'
import { openStore } from '../../src/store/open.ts'
import { sendLoad } from '../../tests/support/load.ts'
import type { Finding } from '../finding.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { sleep } from '../processes.ts'
import { fillStatistics } from '../statistics-data.ts'
import { deployRoutes, HOST, SERVICE } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'

/** What questions cost where there is much to be asked about, and whether every request is counted. */

const ROUTES = 10_000
const DAY = 1_440
/** Of the routes: what the aim says, and enough of what is between for each question. Sums are of 90 days. */
const DAYS = { '1m': 7, '10m': 7, '1h': 14, '1d': 90 } as const
/** How long each is kept where nobody says otherwise. */
const KEPT = { '1m': 7, '10m': 30, '1h': 90, '1d': 90 } as const
const AIM_MS = 300
const TIMES = 5
const REQUESTS = 1_000_000
const GIBIBYTE = 2 ** 30

export const statistics: Measure = {
  name: 'statistics',
  summary: `each question to the statistics of ${ROUTES} routes, and ${REQUESTS} requests counted`,
  async run(folder: string) {
    const upstream = await startUpstream(folder)
    const first = await startTurnpike('turnpike-statistics')
    await deployRoutes(first, `http://127.0.0.1:${upstream.port}`, ROUTES)
    const stage = await first.api('GET', `/services/${SERVICE}/stages/live`)
    const again = await first.crash()
    const { bytes, busiest } = await fill(first.data, String(stage.id))
    const size = statSync(join(first.data, 'turnpike.db')).size
    const turnpike = await again()
    const findings: Finding[] = []
    for (const [what, path] of questions(busiest))
      findings.push({ what, measured: await askedFor(turnpike, path), aim: AIM_MS, unit: 'ms' })
    const perDay = (one: Granularity) => bytes[one] / DAYS[one]
    for (const one of granularities)
      findings.push({
        what: `data of the routes in buckets of ${one}, ${KEPT[one]} days`,
        measured: (perDay(one) * KEPT[one]) / GIBIBYTE,
        aim: null,
        unit: 'GiB',
      })
    findings.push({ what: 'the database as it was filled', measured: size / GIBIBYTE, aim: null, unit: 'GiB' })
    findings.push(...(await countAll(turnpike)))
    await turnpike.stop()
    await upstream.stop()
    return findings
  },
}

/** Fills the store of a program that does not run. */
async function fill(folder: string, stageId: string) {
  const vault = createVault(readKeyFile(join(folder, 'secret.key')))
  const logger = { info: () => undefined, warn: () => undefined }
  const store = await openStore({ folder, url: '', vault, logger })
  const until = Math.floor(Date.now() / 60_000)
  const places = await store.inTransaction('bench', async (unit) => {
    const service = await unit.services.findByName(SERVICE)
    const methods = await unit.methods.ofService(service?.id ?? '')
    const ids = methods.map(({ id }) => id)
    const routes = ids.map((id) => ({ stageId, kind: 'route', id }))
    const [stage, all, ...rest] = await unit.statistics.placesOf([stageTotal(stageId), ALL, ...routes], until / DAY)
    if (stage === undefined || all === undefined) throw new Error('the store gives no places')
    return { stage, all, routes: rest, busiest: ids[0] ?? '' }
  })
  await store.close()
  const bytes = fillStatistics(folder, until, { ...places, days: DAYS })
  return { bytes, busiest: places.busiest }
}

function questions(route: string): [what: string, path: string][] {
  const stage = `/services/${SERVICE}/stages/live/statistics`
  const spans = [
    ['an hour', '1h'],
    ['a day', '24h'],
    ['a week', '7d'],
    ['90 days', '89d'],
  ] as const
  return [
    ...spans.map(([span, from]): [string, string] => [`a stage, ${span}`, `${stage}?from=${from}`]),
    ...spans.map(([span, from]): [string, string] => [`a route, ${span}`, `${stage}?from=${from}&route=${route}`]),
    ...spans.map(([span, from]): [string, string] => [`routes by calls, ${span}`, `${stage}/top?from=${from}`]),
    ['routes by latency, 90 days', `${stage}/top?from=89d&sort=latency`],
    ['routes by p99, an hour', `${stage}/top?from=1h&sort=p99`],
    ['routes by p99, a week', `${stage}/top?from=7d&sort=p99`],
    ['20 routes by p95, 90 days', `${stage}/top?from=89d&sort=p95&limit=20`],
    ['50 routes by failures, a week', `${stage}/top?from=7d&sort=failures&limit=50`],
    ['a stage, a day by the minute', `${stage}?from=24h&granularity=1m`],
    ['a route, a day by the minute', `${stage}?from=24h&granularity=1m&route=${route}`],
    ['a stage, 44 days beside the 44 before', `${stage}?from=44d&compare=true`],
    ['a stage, 89 days of Berlin', `${stage}?from=88d&timeZone=Europe/Berlin`],
    ['everything, 90 days', '/statistics?from=89d'],
    ['stages by calls, 90 days', '/statistics/top?from=89d&by=stage'],
  ]
}

/** The median of some times, the first of which nobody waits for more than once. */
async function askedFor(turnpike: Turnpike, path: string): Promise<number> {
  const samples: number[] = []
  for (let i = 0; i <= TIMES; i++) {
    const began = performance.now()
    await turnpike.api('GET', path)
    if (i > 0) samples.push(performance.now() - began)
  }
  return median(samples)
}

/** Sends requests and asks how many came: the same, to the last one. What was filled in ends before this. */
async function countAll(turnpike: Turnpike): Promise<Finding[]> {
  const began = new Date().toISOString()
  const paths = Array.from({ length: 100 }, (_, i) => `/called/${i}`)
  const { sent, statuses } = await sendLoad(turnpike.port, HOST, paths, REQUESTS, { connections: 32 })
  const answered = [...statuses.values()].reduce((sum, one) => sum + one, 0)
  await sleep(3_000)
  const { totals } = await turnpike.api('GET', `/services/${SERVICE}/stages/live/statistics?from=${began}`)
  const missed = Math.abs(Number(totals?.calls) - answered)
  return [
    { what: `of ${sent} requests, not answered`, measured: sent - answered, aim: 0, unit: '', isFault: true },
    { what: 'of the answers, not counted or counted twice', measured: missed, aim: 0, unit: '', isFault: true },
  ]
}
