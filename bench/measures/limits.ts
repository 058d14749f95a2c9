import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GatewayExchange } from '../../src/gateway/exchange.ts'
import { Admission } from '../../src/gateway/keys/admission.ts'
import { KeyRegistry } from '../../src/gateway/keys/key-registry.ts'
import { newId } from '../../src/model/id.ts'
import * as support from '../../tests/support/turnpike.ts'
import type { Finding } from '../finding.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { run } from '../processes.ts'

/** Whether limits are right under load, and whether the time of an answer says anything about keys. */

const WORKERS = 2
const CONNECTIONS = 256
const SECONDS = 10
const RATE = 1_000
const BURST = 100
const QUOTA = 10_000
const SAMPLES = 200_000

export const limits: Measure = {
  name: 'limits',
  summary: `a key at ten times its rate from ${CONNECTIONS} connections for ${SECONDS} s, a quota of ${QUOTA}, and times`,
  async run(folder: string) {
    const turnpike = await support.startTurnpike({ args: ['--workers', String(WORKERS)] })
    try {
      await setUp(turnpike)
      return [...(await rated(turnpike, folder)), ...(await quota(turnpike, folder)), ...times()]
    } finally {
      await turnpike.stop()
    }
  },
}

async function setUp(turnpike: support.Turnpike): Promise<void> {
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await turnpike.api(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  await call('POST', '/services', { name: 'limits' })
  const { items } = await call('GET', '/services/limits/resources')
  await call('POST', `/services/limits/resources/${items?.[0]?.id}/methods`, {
    verb: 'GET',
    plugins: [
      { plugin: 'key-auth', config: {} },
      { plugin: 'mock', config: { status: 200, body: 'ok' } },
    ],
  })
  await call('POST', '/services/limits/stages', { name: 'live', isDefault: true })
  await call('POST', '/services/limits/stages/live/deployments', {})
  const plans = {
    rated: { requestsPerSecond: RATE, burst: BURST },
    quota: { quota: { requests: QUOTA, per: 'month' } },
  }
  for (const [name, plan] of Object.entries(plans)) {
    await call('POST', '/plans', { name, ...plan })
    await call('PUT', `/plans/${name}/stages/limits/live`)
    await call('POST', '/keys', { name, primary: `bench-${name}-value-1` })
    await call('PUT', `/keys/${name}/subscriptions/limits/live`, { plan: name })
  }
}

/** Answers of h2load: when a request was sent, how long it took (µs), and its status. */
interface Answer {
  readonly start: number
  readonly micros: number
  readonly status: string
}

async function load(turnpike: support.Turnpike, folder: string, key: string, rps: number): Promise<Answer[]> {
  const log = join(folder, `limits-${key}.log`)
  const headers = [':authority: limits.localhost', `x-api-key: bench-${key}-value-1`].flatMap((one) => ['-H', one])
  await run(
    'h2load',
    [
      '--h1',
      '-t1',
      `-c${CONNECTIONS}`,
      `--rps=${rps / CONNECTIONS}`,
      `-D${SECONDS}`,
      `--log-file=${log}`,
      ...headers,
      `http://127.0.0.1:${turnpike.gatewayPort}/`,
    ],
    (SECONDS + 30) * 1_000,
  )
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [start, status = '', micros] = line.split('\t')
      return { start: Number(start), status, micros: Number(micros) }
    })
}

async function rated(turnpike: support.Turnpike, folder: string): Promise<Finding[]> {
  const answers = await load(turnpike, folder, 'rated', RATE * 10)
  const passed = answers.filter(({ status }) => status === '200')
  const ends = passed.map(({ start, micros }) => start + micros).sort((a, b) => a - b)
  const starts = answers.map(({ start }) => start)
  const lasted = Math.max(...answers.map(({ start, micros }) => start + micros)) - Math.min(...starts)
  const expected = (RATE * lasted) / 1e6 + BURST
  // A request passes some time between its start and its end, so a window is longer by the longest of them.
  const slowest = Math.max(...passed.map(({ micros }) => micros))
  const bound = (RATE * (1e6 + slowest)) / 1e6 + BURST
  return [
    {
      what: 'passed, more than rate × time + burst',
      measured: (passed.length / expected - 1) * 100,
      aim: 0,
      unit: '%',
    },
    { what: 'passed, less than that', measured: (1 - passed.length / expected) * 100, aim: 1, unit: '%' },
    { what: 'most in any second, to the bound', measured: mostWithin(ends, 1e6) / bound, aim: 1, unit: '×' },
    {
      what: 'answers that are neither 200 nor 429',
      measured: answers.filter(({ status }) => status !== '200' && status !== '429').length,
      aim: 0,
      unit: '',
      isFault: true,
    },
  ]
}

async function quota(turnpike: support.Turnpike, folder: string): Promise<Finding[]> {
  const answers = await load(turnpike, folder, 'quota', 5_000)
  const passed = answers.filter(({ status }) => status === '200').length
  return [
    {
      what: `passed of a quota of ${QUOTA}, too many or too few`,
      measured: Math.abs(passed - QUOTA),
      aim: 0,
      unit: '',
      isFault: true,
    },
  ]
}

function mostWithin(times: readonly number[], length: number): number {
  let most = 0
  let first = 0
  for (let last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) > length) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/** How long the gate takes for values of no key, of an inactive key, and of one that passes: in turn, by the median. */
function times(): Finding[] {
  const digest = (value: string) => hash('sha256', value, 'hex').slice(0, 32)
  const registry = new KeyRegistry({ maxKeys: 100_000, digest, now: Date.now, tell: async () => undefined })
  for (let i = 0; i < 50_000; i++)
    registry.putKey({
      id: newId(),
      name: `key-${i}`,
      digests: [digest(`known-${i}-1`), digest(`known-${i}-2`)],
      isActive: i % 2 === 0,
      expiresAt: 0,
      lastUsed: 0,
      subscriptions: [],
    })
  const gate = new Admission({ memory: registry.memory, digest, now: Date.now }).gate(1)
  const kinds = [
    (i: number) => `unknwn-${i}-1`,
    (i: number) => `known-${i * 2 + 1}-1`,
    (i: number) => `known-${i * 2}-1`,
  ]
  const samples: number[][] = kinds.map(() => [])
  // One connection, on which a key is hardly ever the one before.
  const connection = { lastDigest: null } as GatewayExchange
  for (let i = 0; i < SAMPLES; i++)
    for (const [kind, textOf] of kinds.entries()) {
      const value = textOf(i % 25_000)
      const began = performance.now()
      gate.admit(value, connection)
      // The first ones are compiled.
      if (i > 10_000) samples[kind]?.push(performance.now() - began)
    }
  const [unknown = 0, inactive = 0, known = 0] = samples.map((of) => median(of) * 1_000)
  return [
    {
      what: 'a value of no key against one of an inactive key',
      measured: Math.abs(unknown - inactive),
      aim: 1,
      unit: 'µs',
    },
    { what: 'a value of no key against one of an active key', measured: Math.abs(unknown - known), aim: 1, unit: 'µs' },
  ]
}
