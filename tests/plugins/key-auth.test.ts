import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** API keys with the real program: what holds, from when on, and that it is counted right by several workers. */

const WORKERS = 4
const CONNECTIONS = 256

let turnpike: Turnpike
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', String(WORKERS)] })
  await makeStage('shop')
})
after(async () => {
  agent.destroy()
  await turnpike.stop()
})

const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** A service with a stage `live` whose one method answers by itself, behind `key-auth`. */
async function makeStage(service: string): Promise<void> {
  await call('POST', '/services', { name: service })
  const { items } = await call('GET', `/services/${service}/resources`)
  await call('POST', `/services/${service}/resources/${items?.[0]?.id}/methods`, {
    verb: 'GET',
    plugins: [
      { plugin: 'key-auth', config: { headers: true } },
      { plugin: 'mock', config: { status: 200, body: `\${consumer.name}` } },
    ],
  })
  await call('POST', `/services/${service}/stages`, { name: 'live', isDefault: true })
  await call('POST', `/services/${service}/stages/live/deployments`, {})
}

/** A plan of that name, connected to the shop, and a key that is subscribed through it. Returns the key's values. */
async function makeKey(name: string, plan: object): Promise<{ primary: string; secondary: string }> {
  await call('POST', '/plans', { name: `plan-${name}`, ...plan })
  await call('PUT', `/plans/plan-${name}/stages/shop/live`)
  const { values } = await call('POST', '/keys', { name })
  await call('PUT', `/keys/${name}/subscriptions/shop/live`, { plan: `plan-${name}` })
  return { primary: String(values?.primary), secondary: String(values?.secondary) }
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

/** Sends a request over one of many connections, which several workers serve. */
function send(value: string | null, host = 'shop.localhost'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host, ...(value !== null && { 'x-api-key': value }) }
    const sent = request({ port: turnpike.gatewayPort, host: '127.0.0.1', headers, agent }, (answer) => {
      let body = ''
      answer.on('data', (chunk) => {
        body += chunk
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body, retryAfter: answer.headers['retry-after'] }),
      )
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}
const status = async (value: string | null, host?: string) => (await send(value, host)).status
const codeOf = ({ body }: Answer) => JSON.parse(body).code

/** Sends so many requests over all connections; returns how many were answered with each status. */
async function hammer(value: string, count: number): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  let sent = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (sent < count) {
        sent++
        const is = await status(value).catch(() => 0)
        counts.set(is, (counts.get(is) ?? 0) + 1)
      }
    }),
  )
  return counts
}

describe('what a key may', () => {
  test('holds at once: made, subscribed, moved, inactive, regenerated, deleted', async () => {
    assert.equal(await status(null), 401)
    assert.equal(await status('nobody-has-this-value'), 401)
    const { values } = await call('POST', '/keys', { name: 'ada' })
    const [primary, secondary] = [String(values?.primary), String(values?.secondary)]
    assert.equal(await status(primary), 403)
    await call('POST', '/plans', { name: 'silver' })
    assert.equal((await turnpike.api('PUT', '/keys/ada/subscriptions/shop/live', { plan: 'silver' })).status, 409)
    await call('PUT', '/plans/silver/stages/shop/live')
    await call('PUT', '/keys/ada/subscriptions/shop/live', { plan: 'silver' })
    assert.deepEqual(await send(primary), { status: 200, body: 'ada', retryAfter: undefined })
    assert.equal(await status(secondary), 200)

    await call('PATCH', '/keys/ada', { active: false })
    assert.equal(await status(primary), 401)
    await call('PATCH', '/keys/ada', { active: true, name: 'ada-2' })
    assert.equal((await send(primary)).body, 'ada-2')

    const { value } = await call('POST', '/keys/ada-2/regenerate', { which: 'primary' })
    assert.equal(await status(primary), 401)
    assert.equal(await status(String(value)), 200)
    assert.equal(await status(secondary), 200)
    await call('POST', '/keys/ada-2/regenerate', { which: 'secondary', value: 'custom-value-0123' })
    assert.equal(await status(secondary), 401)
    assert.equal(await status('custom-value-0123'), 200)

    assert.equal((await turnpike.api('DELETE', '/keys/ada-2')).status, 409)
    await call('DELETE', '/keys/ada-2/subscriptions/shop/live')
    assert.equal(await status('custom-value-0123'), 403)
    await call('DELETE', '/keys/ada-2')
    assert.equal(await status('custom-value-0123'), 401)
  })

  test('ends when the key expires', async () => {
    const { primary } = await makeKey('brief', {})
    const expiresAt = Date.now() + 2_000
    await call('PATCH', '/keys/brief', { expiresAt: new Date(expiresAt).toISOString() })
    assert.equal(await status(primary), 200)
    while ((await status(primary)) === 200) assert.ok(Date.now() < expiresAt + 30_000)
    assert.ok(Date.now() >= expiresAt)
  })

  test('a plan that is changed holds at once', async () => {
    const { primary } = await makeKey('changed', { requestsPerSecond: 1, burst: 1 })
    assert.equal(await status(primary), 200)
    const refused = await send(primary)
    assert.equal(refused.status, 429)
    assert.equal(codeOf(refused), 'key-rate-limited')
    assert.equal(refused.retryAfter, '1')
    await call('PATCH', '/plans/plan-changed', { requestsPerSecond: null })
    for (let i = 0; i < 5; i++) assert.equal(await status(primary), 200)
    await call('PATCH', '/plans/plan-changed', { quota: { requests: 2, per: 'month' } })
    assert.deepEqual([await status(primary), await status(primary)], [200, 200])
    assert.equal(codeOf(await send(primary)), 'key-quota-exceeded')
    await call('PATCH', '/plans/plan-changed', { quota: { requests: 3, per: 'month' } })
    assert.deepEqual([await status(primary), await status(primary)], [200, 429])
    const { subscriptions } = await call('GET', '/keys/changed/usage')
    assert.deepEqual(
      [subscriptions?.[0]?.quota?.used, subscriptions?.[0]?.quota?.remaining, subscriptions?.[0]?.lastRefusal?.reason],
      [3, 0, 'quota-exceeded'],
    )
    await call('PATCH', '/plans/plan-changed', { quota: null })
    await call('PATCH', '/plans/plan-changed', { quota: { requests: 1, per: 'month' } })
    assert.deepEqual([await status(primary), await status(primary)], [200, 429])
  })
})

describe('counting', () => {
  test('a quota of 10,000 admits exactly 10,000, over all workers', async () => {
    const { primary } = await makeKey('exact', { quota: { requests: 10_000, per: 'month' } })
    const counts = await hammer(primary, 11_000)
    assert.deepEqual(Object.fromEntries(counts), { 200: 10_000, 429: counts.get(429) })
    const { subscriptions } = await call('GET', '/keys/exact/usage')
    assert.equal(subscriptions?.[0]?.quota?.used, 10_000)
  })

  test('a rate admits no more than rate × time + burst, over all workers', async () => {
    const [rate, burst] = [200, 50]
    const { primary } = await makeKey('rated', { requestsPerSecond: rate, burst })
    const began = performance.now()
    const counts = await hammer(primary, 8_000)
    const bound = (rate * (performance.now() - began)) / 1_000 + burst
    const passed = counts.get(200) ?? 0
    assert.ok(passed <= bound + 1, `${passed} passed, at most ${bound}`)
    assert.ok(passed >= bound * 0.9 - 10, `${passed} passed of ${bound}`)
  })

  test('what was used outlives a worker and a kill, but for the last second', async () => {
    const { primary } = await makeKey('lasting', { quota: { requests: 1_000_000, per: 'month' } })
    await hammer(primary, 3_000)
    const used = async () => Number((await call('GET', '/keys/lasting/usage')).subscriptions?.[0]?.quota?.used)
    assert.equal(await used(), 3_000)
    // Until what was counted has been written down, once a second.
    const saved = async () => {
      await turnpike.kill()
      turnpike = await turnpike.again()
      return used()
    }
    let passed = 0
    const sending = (async () => {
      try {
        for (;;) if ((await status(primary)) === 200) passed++
      } catch {
        // The program is gone.
      }
    })()
    const began = performance.now()
    while (performance.now() - began < 2_500) await new Promise<void>((resolve) => setTimeout(resolve, 10))
    const before = await used()
    const after = await saved()
    await sending
    assert.ok(after <= before + passed, `${after} after, ${before} before`)
    // At the most what came in one second and what it took to write it down.
    assert.ok(after >= 3_000, `${after} after, ${before} before`)
    assert.ok(before - after < passed, `${before - after} of ${passed} lost`)
    assert.equal(await status(primary), 200)
  })
})

describe('what is kept', () => {
  test('values are in no file, log or answer', async () => {
    const { primary, secondary } = await makeKey('secret', {})
    await call('POST', '/keys/secret/regenerate', { which: 'secondary', value: 'planted-value-4711' })
    await send(primary)
    await send('planted-value-4711')
    const answers = await Promise.all(
      [
        '/keys?limit=1000',
        '/keys/secret',
        '/keys/secret/usage',
        '/keys/secret/subscriptions',
        '/audit?limit=1000',
        '/status',
      ].map((path) => call('GET', path)),
    )
    const csv = await fetch(`http://127.0.0.1:${turnpike.managementPort}/api/v1/keys/export`, {
      headers: { authorization: `Bearer ${turnpike.token}` },
    })
    const texts = [JSON.stringify(answers), await csv.text(), turnpike.output()]
    const files = readdirSync(turnpike.data).map((name) => readFileSync(join(turnpike.data, name), 'latin1'))
    for (const value of [primary, secondary, 'planted-value-4711'])
      for (const text of [...texts, ...files]) assert.ok(!text.includes(value))
    assert.ok(texts[1]?.includes('secret'))
  })
})
