import { setTimeout as wait } from 'node:timers/promises'
import { type Client, createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { findTarget } from './target.ts'

interface LogsOptions extends GlobalOptions {
  readonly follow: boolean
  readonly id?: string
  readonly status?: string
  readonly route?: string
  readonly method?: string
  readonly path?: string
  readonly contains?: string
  readonly consumer?: string
  readonly client?: string
  readonly minMs?: string
  readonly error?: string
  readonly limit: string
}

/** A request, as the API tells it. */
interface RecentRequest {
  readonly id: string
  readonly receivedAt: string
  readonly service: string | null
  readonly stage: string | null
  readonly clientIp: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly totalMs: number
  readonly consumer: string | null
  readonly error: string | null
  readonly answeredBy: string | null
  readonly isAborted: boolean
  readonly [field: string]: unknown
}

/** Between two attempts to follow a server that is gone. */
const AGAIN_MS = 2_000

/** `turnpike logs`: the last requests, those that come, or one by its id. */
export async function logs(target: string | undefined, options: LogsOptions): Promise<void> {
  const client = createClient(options)
  if (options.id !== undefined) return showOne(client, options.id, options)
  const base = target === undefined ? '' : (await findTarget(client, target)).path
  const query = queryOf(options)
  if (options.follow) return follow(client, `${base}/requests/live?${query}`, options)
  query.set('limit', options.limit)
  const { items } = (await client.call('GET', `${base}/requests?${query}`)) as { items: RecentRequest[] }
  const lines = items.toReversed().map(lineOf)
  print(options, items, lines.length === 0 ? 'No such request is remembered.' : lines.join('\n'))
}

async function showOne(client: Client, id: string, options: LogsOptions): Promise<void> {
  const request = (await client.call('GET', `/requests/${encodeURIComponent(id)}`)) as RecentRequest
  const width = Math.max(...Object.keys(request).map((name) => name.length))
  const lines = Object.entries(request).flatMap(([name, value]) =>
    value === null ? [] : [`${name.padEnd(width)}  ${shown(String(value))}`],
  )
  print(options, request, lines.join('\n'))
}

/** Statuses and classes of them. */
const STATUSES = /^(?:0|[1-5](?:\d\d|xx))(?:,(?:0|[1-5](?:\d\d|xx)))*$/

function queryOf(options: LogsOptions): URLSearchParams {
  const { status, route, method, path, contains, consumer, client, minMs, error } = options
  if (status !== undefined && !STATUSES.test(status))
    throw new Failure(`"${status}" is not a status: write 404, 5xx, or several with commas; 0 is for none.`, {
      exitCode: 2,
    })
  const given = {
    status,
    route,
    method: method?.toUpperCase(),
    pathPrefix: path,
    pathContains: contains,
    consumer,
    clientIp: client,
    minMs,
    error,
  }
  return new URLSearchParams(
    Object.entries(given).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
  )
}

/** Prints requests as they come, until it is stopped. Where the server is started again it goes on with it. */
async function follow(client: Client, path: string, options: LogsOptions): Promise<void> {
  let events = await client.download(path)
  for (;;) {
    try {
      await printEvents(events, options)
    } catch {
      // Broken off, as at a crash: what counts is whether it can be had again.
    }
    events = await again(client, path)
  }
}

async function again(client: Client, path: string): Promise<ReadableStream<Uint8Array>> {
  let isTold = false
  for (;;) {
    try {
      return await client.download(path)
    } catch (error) {
      // Gone is not for ever; refused is.
      if (!(error instanceof Failure) || error.code !== 'unreachable') throw error
      if (!isTold) process.stderr.write('turnpike: the server is gone; waiting for it …\n')
      isTold = true
      await wait(AGAIN_MS)
    }
  }
}

/** Reads server-sent events (WHATWG HTML, section 9.2), as our server writes them. */
async function printEvents(events: ReadableStream<Uint8Array>, options: LogsOptions): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of events) {
    text += decoder.decode(part, { stream: true })
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const event of whole) printEvent(event, options)
  }
}

function printEvent(event: string, { json }: LogsOptions): void {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []
  if (name === undefined || data === undefined) return
  if (name === 'request') process.stdout.write(`${json ? data : lineOf(JSON.parse(data) as RecentRequest)}\n`)
  else if (name === 'missed')
    process.stderr.write(
      `turnpike: ${(JSON.parse(data) as { requests: number }).requests} requests came too fast to be shown\n`,
    )
}

function lineOf(request: RecentRequest): string {
  const { receivedAt, status, totalMs, method, path, service, stage, clientIp, id, consumer, error, answeredBy } =
    request
  const notes = [
    ...(consumer === null ? [] : [`by ${consumer}`]),
    ...(error === null ? [] : [error]),
    ...(answeredBy === null ? [] : [`(${answeredBy})`]),
    ...(request.isAborted ? ['aborted'] : []),
  ]
  const place = service === null ? '-' : `${service}/${stage}`
  const time = totalMs.toFixed(1).padStart(7)
  const line = `${receivedAt}  ${String(status).padStart(3)} ${time} ms  ${method} ${path}  ${place}  ${clientIp}  ${id}`
  return shown([line, ...notes].join('  '))
}

/** What clients have chosen must not speak to the terminal. */
function shown(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}
