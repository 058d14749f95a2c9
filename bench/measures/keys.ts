import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { readKeyFile } from '../../src/lib/key-file.ts'
import { createVault } from '../../src/lib/vault.ts'
import { orderedId } from '../../src/model/id.ts'
import type { ApiKey } from '../../src/model/key.ts'
import type { Plan } from '../../src/model/plan.ts'
import { openStore } from '../../src/store/open.ts'
import { cpuMicros } from '../cpu.ts'
import type { Finding } from '../finding.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { deployRoutes, HOST, SERVICE } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'
import { wrk } from '../wrk.ts'

/** What a million keys and a thousand plans cost, instead of one of each. */

/** A million, but for those that are made while it runs. */
const KEYS = 999_950
const PLANS = 1_000
const BATCH = 10_000
const ROUNDS = 5
const SECONDS = 4
const MEBIBYTE = 2 ** 20
const AT = new Date(0).toISOString()

export const keys: Measure = {
  name: 'keys',
  summary: 'memory, start and lookups with 1,000,000 keys and 1,000 plans instead of one',
  async run(folder: string) {
    const upstream = await startUpstream(folder)
    const few = await startWith(1, 1, upstream.port)
    const many = await startWith(KEYS, PLANS, upstream.port)
    const scripts = [few, many].map(({ count }) => writeScript(folder, count))
    const samples: number[] = []
    let errors = 0
    for (let round = 0; round <= ROUNDS; round++) {
      const cpu: number[] = []
      for (const [i, { turnpike }] of [few, many].entries()) {
        const before = cpuMicros(turnpike.pid)
        const load = await wrk({
          port: turnpike.port,
          host: HOST,
          path: '/called/4711',
          connections: 64,
          seconds: SECONDS,
          script: scripts[i] ?? '',
        })
        errors += load.errors
        cpu.push((cpuMicros(turnpike.pid) - before) / load.requests)
      }
      // The first round warms up.
      if (round > 0) samples.push((cpu[1] ?? 0) / (cpu[0] ?? 1))
    }
    // Now, and not at the start: what was only needed to read them is gone.
    const bytes = (await residentBytes(many.turnpike)) - (await residentBytes(few.turnpike))
    const findings: Finding[] = [
      { what: 'start, more than with one key', measured: many.startMs - few.startMs, aim: 5_000, unit: 'ms' },
      { what: 'memory, more than with one key', measured: bytes / MEBIBYTE, aim: 100, unit: 'MiB' },
      { what: 'CPU per request with random keys, to one key', measured: median(samples), aim: 1.1, unit: '×' },
      { what: 'answers that are not 2xx', measured: errors, aim: 0, unit: '', isFault: true },
      { what: 'a new key, until it may call', measured: await changeMs(many.turnpike), aim: 50, unit: 'ms' },
    ]
    for (const { turnpike } of [few, many]) await turnpike.stop()
    await upstream.stop()
    return findings
  },
}

/** A program with so many keys and plans, started again on them. */
async function startWith(count: number, plans: number, upstreamPort: number) {
  const first = await startTurnpike(`turnpike-${count}-keys`)
  await deployRoutes(first, `http://127.0.0.1:${upstreamPort}`, 1)
  const stage = `/services/${SERVICE}/stages/live`
  const { id: stageId } = await first.api('PATCH', stage, { plugins: [{ plugin: 'key-auth', config: {} }] })
  await first.api('POST', `${stage}/deployments`, {})
  const again = await first.crash()
  await fill(first.data, count, plans, String(stageId))
  const began = performance.now()
  const turnpike = await again()
  const startMs = performance.now() - began
  return { turnpike, count, startMs }
}

async function residentBytes(turnpike: Turnpike): Promise<number> {
  const { nodes } = await turnpike.api('GET', '/status')
  return Number(nodes?.[0]?.memory?.residentBytes)
}

const keyValue = (i: number) => `bench-key-${String(i).padStart(9, '0')}`

/** Puts keys, plans and subscriptions into the store of a program that does not run. */
async function fill(folder: string, count: number, plans: number, stageId: string): Promise<void> {
  const vault = createVault(readKeyFile(join(folder, 'secret.key')))
  const logger = { info: () => undefined, warn: () => undefined }
  const store = await openStore({ folder, url: '', vault, logger })
  const times = { version: 1, createdAt: AT, updatedAt: AT }
  await store.inTransaction('bench', async (unit) => {
    for (let i = 0; i < plans; i++) {
      // Without a quota: what was used of those is written down each second, which is another thing than finding keys.
      const quota = null
      const plan: Plan = {
        id: planId(i),
        name: `plan-${i}`,
        description: '',
        requestsPerSecond: 1_000_000,
        burst: null,
        quota,
        ...times,
      }
      await unit.plans.insert(plan)
      await unit.plans.connect(plan.id, stageId)
    }
  })
  for (let start = 0; start < count; start += BATCH)
    await store.inTransaction('bench', async (unit) => {
      const made = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => {
        const number = start + i
        const key: ApiKey = {
          id: orderedId(number),
          name: `key-${number}`,
          description: '',
          active: true,
          expiresAt: null,
          lastUsedAt: null,
          ...times,
        }
        const digests = { primary: vault.digest(keyValue(number)), secondary: vault.digest(`second-${number}-value`) }
        return { key, digests, number }
      })
      await unit.keys.insert(made)
      for (const { key, number } of made) await unit.keys.subscribe(key.id, stageId, planId(number % plans))
    })
  await store.close()
}

const planIds = new Map<number, string>()
function planId(number: number): string {
  const known = planIds.get(number) ?? orderedId(number)
  planIds.set(number, known)
  return known
}

/**
 * Requests each with the value of a key that chance has chosen. The same script for both, so that wrk works as hard; and a number
 * that is always another, so that no head is just like the one before it, which would be read faster.
 */
function writeScript(folder: string, count: number): string {
  const file = join(folder, `keys-${count}.lua`)
  writeFileSync(
    file,
    `request = function()
  wrk.headers["X-API-Key"] = string.format("bench-key-%09d", math.random(0, ${count - 1}))
  wrk.headers["X-Number"] = string.format("%09d", math.random(0, 999999999))
  return wrk.format("GET")
end
`,
  )
  return file
}

/** How long it takes at most from asking for a key, subscribed, to its first answer. */
async function changeMs(turnpike: Turnpike): Promise<number> {
  let longest = 0
  for (let i = 0; i < 20; i++) {
    await turnpike.api('POST', '/keys', { name: `new-${i}`, primary: `new-value-of-${i}-key` })
    const began = performance.now()
    await turnpike.api('PUT', `/keys/new-${i}/subscriptions/${SERVICE}/live`, { plan: 'plan-0' })
    const status = await statusOf(turnpike.port, `new-value-of-${i}-key`)
    if (status !== 200) throw new Error(`a new key was answered with ${status}`)
    longest = Math.max(longest, performance.now() - began)
  }
  return longest
}

function statusOf(port: number, value: string): Promise<number> {
  const headers = { host: HOST, 'x-api-key': value }
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/called/1', headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.once('error', reject)
    sent.end()
  })
}
