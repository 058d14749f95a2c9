import { HeaderList } from '../lib/headers/header-list.ts'
import { LineBytes } from '../lib/line-bytes.ts'
import { parseTraceparent } from '../lib/trace-context.ts'
import { type FinishedRequest, MadeTexts } from './finished-request.ts'
import {
  type Breaker,
  type Exchange,
  type ExchangeOutcome,
  type KeyGate,
  type KeyVerdict,
  type Limits,
  type LogSinks,
  type LogWriter,
  OutgoingFailure,
  type PluginEnv,
} from './plugin.ts'
import type { Policies, RestrictionPolicy } from './policies.ts'

/** For tests: an exchange as a plugin sees it, with only what the test is about. */
export interface ExchangeParts {
  id?: string
  method?: string
  upgrade?: string
  path?: string
  query?: string
  clientIp?: string
  host?: string
  headers?: Readonly<Record<string, string>>
  variables?: Readonly<Record<string, string>>
  stageVariables?: Readonly<Record<string, string>>
  status?: number
  /** The whole body, as a plugin that asked for it sees it. */
  body?: string | Buffer
  claims?: Readonly<Record<string, unknown>>
  consumer?: Exchange['consumer']
  tls?: Exchange['tls']
  error?: Exchange['error']
  receivedAt?: number
  pattern?: string
  outcome?: Partial<ExchangeOutcome>
}

/** What plugins are given in tests: nothing random, a clock that stands, and no way out unless a test gives one. */
export function fakeEnv(parts: Partial<PluginEnv> = {}): PluginEnv {
  const kept = new Map<string, unknown>()
  return {
    randomHex: (bytes) => '0'.repeat(bytes * 2),
    random: () => 0.5,
    backend: (key, path) => ({ name: `${key ?? 'own'}${path ?? ''}` }),
    count: () => undefined,
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    fetch: () => Promise.reject(new OutgoingFailure('unreachable', 'there is no network in this test')),
    shared<T>(key: string, create: () => T): T {
      if (!kept.has(key)) kept.set(key, create())
      // What is kept under a key was made by the same `create`.
      return kept.get(key) as T
    },
    scope: { stageId: 's1', routeId: 'r1', service: 'pets', stage: 'live', deployment: '0'.repeat(64), pattern: '/a' },
    limits: fakeLimits(),
    keys: fakeKeys({}),
    policies: fakePolicies({}),
    logs: fakeLogs(() => fakeWriter(() => undefined)),
    credentials: { headers: [], query: [] },
    ...parts,
  }
}

/** Keys by their values, each with what becomes of its requests. */
export function fakeKeys(verdicts: Readonly<Record<string, Partial<KeyVerdict>>>): KeyGate {
  const passes: KeyVerdict = {
    refusal: null,
    consumer: null,
    plan: null,
    waitMs: 0,
    requestsPerSecond: 0,
    burst: 0,
    remaining: -1,
    quota: 0,
    quotaRemaining: -1,
    quotaResetsInMs: 0,
  }
  return { admit: (value) => ({ ...passes, ...(verdicts[value] ?? { refusal: 'unknown' }) }) }
}

/** Limits that count each request for ever: what plugins make of them is tested with these, the algorithm where it is. */
export function fakeLimits(): Limits {
  const counts = new Map<string, number>()
  const count = (name: string) => {
    const sum = (counts.get(name) ?? 0) + 1
    counts.set(name, sum)
    return sum
  }
  return {
    rate: (name, { requests, periodMs, burst }) => ({
      take: (key) => {
        const left = burst - count(`${name} ${requests}/${periodMs} ${key}`)
        return left < 0 ? -periodMs / requests : left
      },
    }),
    concurrency: (name, most) => ({ take: (_x, key) => count(`${name} ${key}`) <= most }),
    breaker: () => fakeBreaker(),
    retryBudget: (name, { minimumPerSecond }) => ({
      request: () => undefined,
      take: () => count(name) <= minimumPerSecond,
      left: () => minimumPerSecond,
    }),
  }
}

/** A breaker that is closed and hears nothing, unless a test gives it more. */
export function fakeBreaker(parts: Partial<Breaker> = {}): Breaker {
  return {
    admit: () => 0,
    settle: () => null,
    failLate: () => null,
    release: () => undefined,
    state: () => ({ kind: 'closed', calls: 0, failures: 0, slow: 0, waitMs: 0 }),
    ...parts,
  }
}

/** Policies by name, made ready each time. */
export function fakePolicies(policies: Readonly<Record<string, RestrictionPolicy>>): Policies {
  return {
    ready(name, make) {
      const policy = policies[name]
      if (policy === undefined) throw new Error(`there is no policy "${name}"`)
      return make(policy)
    },
  }
}

/** Sinks of logs that have lines made at once. */
export function fakeLogs(open: LogSinks['open']): LogSinks {
  return { open, later: (x, maker, rest) => maker.make(finishedRequest(x), rest) }
}

/** A sink that gives each line away as a text. */
export function fakeWriter(take: (line: string, severity: number) => void): LogWriter {
  const line = new LineBytes()
  let last = 0
  return {
    begin(severity) {
      line.length = 0
      last = severity
      return line
    },
    end: () => take(line.bytes.toString('latin1', 0, line.length), last),
  }
}

/** What is remembered of an exchange. */
export function finishedRequest({ id, receivedAt, clientIp, consumer, error, ...x }: Exchange): FinishedRequest {
  const { request, response, outcome } = x
  return {
    receivedAt,
    status: response.status,
    totalMs: outcome.totalMs,
    backendMs: outcome.backendMs,
    bytesIn: outcome.bytesIn,
    bytesOut: outcome.bytesOut,
    isAborted: outcome.isAborted,
    kind: {
      method: request.method,
      protocol: outcome.protocol,
      scheme: request.scheme,
      error: error === null ? null : error.code,
      plugin: outcome.answeredByPlugin,
      upstream: outcome.upstream,
      texts: new MadeTexts(),
    },
    caller: {
      clientIp,
      host: request.host,
      userAgent: request.headers.get('user-agent') ?? '',
      referer: request.headers.get('referer') ?? '',
      consumerId: consumer?.id ?? '',
      consumer: consumer?.name ?? '',
      texts: new MadeTexts(),
    },
    writeId: (line) => line.jsonWire(id),
    writePath: (line, most) => line.jsonWire(request.path.slice(0, most)),
  }
}

/** Makes an exchange. */
export function exchange(parts: ExchangeParts = {}): Exchange {
  const { query = '', path = '/a', variables = {}, clientIp = '192.0.2.1' } = parts
  return {
    id: parts.id ?? '00112233445566778899aabbccddeeff',
    receivedAt: parts.receivedAt ?? Date.UTC(2026, 0, 2, 3, 4, 5),
    clientIp,
    request: {
      method: parts.method ?? 'GET',
      scheme: 'http',
      host: parts.host ?? 'api.localhost',
      rawTarget: query === '' ? path : `${path}?${query}`,
      path,
      query,
      headers: headerList(parts.headers ?? {}),
      body: parts.body === undefined ? null : Buffer.from(parts.body),
      contentLength: parts.body === undefined ? -1 : Buffer.byteLength(parts.body),
      maxBodyBytes: 10_485_760,
      upgrade: parts.upgrade ?? null,
      variable: (name) => variables[name],
    },
    response: { status: parts.status ?? 0, headers: new HeaderList() },
    route: { id: 'r1', pattern: parts.pattern ?? path, method: parts.method ?? 'GET' },
    stage: { id: 's1', name: 'live', variables: parts.stageVariables ?? {} },
    consumer: parts.consumer ?? null,
    tls: parts.tls ?? null,
    certificate: null,
    claims: parts.claims ?? null,
    timeouts: null,
    retry: null,
    breaker: null,
    sendTo: null,
    split: null,
    mirror: null,
    webSocket: null,
    acceptEncoding: null,
    origin: null,
    error: parts.error ?? null,
    outcome: {
      protocol: 'HTTP/1.1',
      totalMs: 12.3456,
      backendMs: -1,
      bytesIn: 0,
      bytesOut: 0,
      upstream: null,
      answeredByPlugin: null,
      traceId: parseTraceparent(parts.headers?.Traceparent ?? '')?.traceId ?? null,
      isAborted: false,
      ...parts.outcome,
    },
  }
}

function headerList(fields: Readonly<Record<string, string>>): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of Object.entries(fields)) list.add(name, value)
  return list
}
