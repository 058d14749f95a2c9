import { type Client, createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { table } from './table.ts'

/** `turnpike stats`: what was called, how it went, and how long it took. */

interface Latency {
  readonly meanMs: number | null
  readonly p50Ms: number | null
  readonly p90Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

interface Figures {
  readonly calls: number
  readonly successes: number
  readonly failures: number
  readonly statusClasses: Readonly<Record<string, number>>
  readonly byGateway: number
  readonly aborted: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly latency: Latency
  readonly backendLatency: Latency
}

interface Totals extends Figures {
  readonly statuses: Readonly<Record<string, number>>
  readonly reasons: readonly { readonly plugin: string; readonly code: string; readonly calls: number }[]
}

interface Statistics {
  readonly from: string
  readonly to: string
  readonly totals: Totals
  readonly previous: Totals | null
}

interface TopList {
  readonly count: number
  readonly items: readonly {
    readonly id: string
    readonly name: string | null
    readonly service: string | null
    readonly stage: string | null
    readonly isOther: boolean
    readonly calls: number
    readonly failures: number
    readonly bytesOut: number
    readonly latency: Latency
    readonly backendLatency: Latency
  }[]
}

export interface StatsOptions extends GlobalOptions {
  readonly since: string
  readonly from?: string
  readonly to?: string
  readonly by?: string
  readonly sort: string
  readonly limit: string
  readonly granularity?: string
  readonly timeZone: string
  readonly route?: string
  readonly key?: string
  readonly plan?: string
  readonly deployment?: string
  readonly side?: string
  readonly compare: boolean
  readonly csv: boolean
  readonly live: boolean
}

/** What lists are of: those of the API, and those that are told by the totals. */
const BY_TOTALS = ['status', 'plugin']

/** Shows the statistics of everything, of SERVICE, or of SERVICE/STAGE. */
export async function stats(target: string | undefined, options: StatsOptions): Promise<void> {
  const client = createClient(options)
  const path = pathOf(target)
  if (options.live) return watch(client, `${path}/live?${partQuery(options)}`, target, options)
  if (options.csv) return exportCsv(client, path, options)
  const by = options.by ?? (target?.includes('/') === true ? 'route' : 'stage')
  const read = (await client.call('GET', `${path}?${seriesQuery(options)}`)) as Statistics
  if (BY_TOTALS.includes(by)) {
    print(options, read, [...summary(target, read), '', byTotals(by, read.totals)].join('\n'))
    return
  }
  const hasPart = partQuery(options).size > 0
  // A list of routes says nothing about one route; one of the sides of its split does.
  const isOfRoute = by === 'side' && options.route !== undefined && options.side === undefined
  const top =
    hasPart && !isOfRoute ? null : ((await client.call('GET', `${path}/top?${topQuery(options, by)}`)) as TopList)
  print(
    options,
    top === null ? read : { ...read, top },
    [...summary(target, read), ...(top === null ? [] : ['', topTable(by, top)])].join('\n'),
  )
}

function pathOf(target: string | undefined): string {
  if (target === undefined) return '/statistics'
  const [service = '', stage, ...rest] = target.split('/')
  if (service === '' || stage === '' || rest.length > 0)
    throw new Failure(`"${target}" is not SERVICE or SERVICE/STAGE: write pets, or pets/production.`, {
      exitCode: 2,
      code: 'usage',
    })
  const ofService = `/services/${encodeURIComponent(service)}`
  return stage === undefined ? `${ofService}/statistics` : `${ofService}/stages/${encodeURIComponent(stage)}/statistics`
}

function partQuery(options: StatsOptions): URLSearchParams {
  const names = ['route', 'key', 'plan', 'deployment', 'side'] as const
  return new URLSearchParams(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))
}

function seriesQuery(options: StatsOptions): URLSearchParams {
  const query = partQuery(options)
  query.set('from', options.from ?? options.since)
  query.set('timeZone', options.timeZone)
  query.set('compare', String(options.compare))
  if (options.to !== undefined) query.set('to', options.to)
  if (options.granularity !== undefined) query.set('granularity', options.granularity)
  return query
}

function topQuery({ from, since, to, sort, limit, route }: StatsOptions, by: string): URLSearchParams {
  const ofRoute = by === 'side' && route !== undefined ? { route } : {}
  return new URLSearchParams({ from: from ?? since, ...(to !== undefined && { to }), by, sort, limit, ...ofRoute })
}

/** The points as CSV; or the list, where one is asked for. */
async function exportCsv(client: Client, path: string, options: StatsOptions): Promise<void> {
  const { by } = options
  if (by !== undefined && BY_TOTALS.includes(by))
    throw new Failure(`There is no CSV by ${by}: use --json.`, { exitCode: 2, code: 'usage' })
  const what = by === undefined ? `export?${seriesQuery(options)}` : `top/export?${topQuery(options, by)}`
  for await (const chunk of await client.download(`${path}/${what}`)) process.stdout.write(chunk)
}

function summary(target: string | undefined, { from, to, totals, previous }: Statistics): string[] {
  const rows = [
    ['Calls', totals.calls, previous?.calls],
    ['Successes (2xx, 3xx)', totals.successes, previous?.successes],
    ['Failures (4xx, 5xx)', totals.failures, previous?.failures],
    ...Object.entries(totals.statusClasses)
      .filter(([name, calls]) => calls > 0 || (previous?.statusClasses[name] ?? 0) > 0)
      .map(([name, calls]) => [`  ${name}`, calls, previous?.statusClasses[name] ?? 0] as const),
    ['Answered by the gateway', totals.byGateway, previous?.byGateway],
    ['Given up by clients', totals.aborted, previous?.aborted],
    ['Bytes in', totals.bytesIn, previous?.bytesIn],
    ['Bytes out', totals.bytesOut, previous?.bytesOut],
  ] as const
  const titles = previous === null ? ['', 'NUMBER'] : ['', 'NUMBER', 'BEFORE', 'CHANGE']
  return [
    `${target ?? 'Everything'}, ${from} to ${to}`,
    '',
    table(
      titles,
      rows.map(([name, now, before = 0]) =>
        previous === null ? [name, now] : [name, now, before, changeOf(now, before)],
      ),
    ),
    '',
    table(
      ['TIME IN MS', 'MEAN', 'P50', 'P90', 'P95', 'P99'],
      [
        ['Total', ...latencyCells(totals.latency)],
        ['Backend', ...latencyCells(totals.backendLatency)],
        ...(previous === null ? [] : [['Total before', ...latencyCells(previous.latency)]]),
      ],
    ),
  ]
}

function changeOf(now: number, before: number): string {
  if (now === before) return '='
  return before === 0 ? 'new' : `${now > before ? '+' : ''}${Math.round(((now - before) / before) * 100)} %`
}

function latencyCells({ meanMs, p50Ms, p90Ms, p95Ms, p99Ms }: Latency): (number | string)[] {
  return [meanMs, p50Ms, p90Ms, p95Ms, p99Ms].map((ms) => ms?.toFixed(2) ?? '-')
}

function topTable(by: string, { items, count }: TopList): string {
  if (items.length === 0)
    return by === 'side' ? 'No request took a side of a traffic-split.' : 'There were no requests.'
  const hasStages = by !== 'stage' && new Set(items.map(({ service, stage }) => `${service}/${stage}`)).size > 1
  const rows = items.map((item) => [
    nameOf(by, item),
    ...(hasStages ? [`${item.service}/${item.stage}`] : []),
    item.calls,
    item.failures,
    item.latency.meanMs?.toFixed(2) ?? '-',
    item.latency.p95Ms?.toFixed(2) ?? '-',
    item.latency.p99Ms?.toFixed(2) ?? '-',
    // What sides are compared by.
    ...(by === 'side'
      ? [item.backendLatency.meanMs?.toFixed(2) ?? '-', item.backendLatency.p99Ms?.toFixed(2) ?? '-']
      : []),
    item.bytesOut,
  ])
  const titles = [
    by.toUpperCase(),
    ...(hasStages ? ['STAGE'] : []),
    'CALLS',
    'FAILURES',
    'MEAN MS',
    'P95',
    'P99',
    ...(by === 'side' ? ['BACKEND MEAN', 'BACKEND P99'] : []),
    'BYTES OUT',
  ]
  const more = count > items.length ? `\n\n${count - items.length} more: see --limit.` : ''
  return `${table(titles, rows)}${more}`
}

function nameOf(by: string, { id, name, isOther }: TopList['items'][number]): string {
  if (isOther) return '(others, too many to be counted by themselves)'
  if (name !== null) return name
  if (id === '') return by === 'stage' ? '(no stage)' : '(no route)'
  return `(gone) ${id.slice(0, 20)}`
}

function byTotals(by: string, { statuses, reasons }: Totals): string {
  if (by === 'status')
    return table(
      ['STATUS', 'CALLS'],
      Object.entries(statuses).map(([status, calls]) => [status, calls]),
    )
  if (reasons.length === 0) return 'The gateway answered nothing by itself.'
  return table(
    ['PLUGIN', 'CODE', 'CALLS'],
    reasons.map(({ plugin, code, calls }) => [plugin === '' ? '(gateway)' : plugin, code === '' ? '-' : code, calls]),
  )
}

/** Shows each second as it comes: on a terminal in place, otherwise a line each. Ends when the server ends it. */
async function watch(client: Client, path: string, target: string | undefined, { json }: StatsOptions): Promise<void> {
  const recent: (Figures & { readonly at: string })[] = []
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of await client.download(path)) {
    text += decoder.decode(chunk, { stream: true })
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data === undefined) continue
      const step = JSON.parse(data) as Figures & { at: string }
      if (json) process.stdout.write(`${data}\n`)
      else if (!process.stdout.isTTY) process.stdout.write(`${lineOf(step)}\n`)
      else {
        recent.push(step)
        recent.splice(0, recent.length - Math.max(4, (process.stdout.rows ?? 24) - 5))
        const title = `${target ?? 'Everything'}, each second; Ctrl+C ends it`
        process.stdout.write(`\x1b[2J\x1b[H${title}\n\n${liveTable(recent)}\n`)
      }
    }
  }
}

function lineOf({ at, calls, failures, byGateway, bytesOut, latency }: Figures & { readonly at: string }): string {
  const ms = (value: number | null) => value?.toFixed(2) ?? '-'
  return `${at} calls=${calls} failures=${failures} gateway=${byGateway} bytes_out=${bytesOut} p50_ms=${ms(latency.p50Ms)} p99_ms=${ms(latency.p99Ms)}`
}

function liveTable(steps: readonly (Figures & { readonly at: string })[]): string {
  return table(
    ['TIME', 'CALLS', '2XX', '3XX', '4XX', '5XX', 'GATEWAY', 'BYTES OUT', 'P50 MS', 'P99 MS'],
    steps.map(({ at, calls, statusClasses, byGateway, bytesOut, latency }) => [
      at.slice(11, 19),
      calls,
      ...['2xx', '3xx', '4xx', '5xx'].map((name) => statusClasses[name] ?? 0),
      byGateway,
      bytesOut,
      latency.p50Ms?.toFixed(2) ?? '-',
      latency.p99Ms?.toFixed(2) ?? '-',
    ]),
  )
}
