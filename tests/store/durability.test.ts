import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { RawBackend, rawRequest, response, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** `kill -9` at any moment: what was acknowledged is there afterwards, and nothing is half there. */

const KILLS = 7
const KILL_STEP_MS = 90
const METHODS = 400

let turnpike: Turnpike
let backend: RawBackend
before(async () => {
  backend = await RawBackend.start()
  backend.answer = (connection) => connection.write(response('ok'))
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

const paths = Object.fromEntries(
  Array.from({ length: METHODS }, (_, i) => [`/path-${i}`, { get: { summary: `Read ${i}` } }]),
)
const document = JSON.stringify({ openapi: '3.1.0', info: { title: 'Large', version: '1' }, paths })

test('an import with its deployment is there as a whole, or not at all', async () => {
  let acknowledged = 0
  for (let i = 0; i < KILLS; i++) {
    const service = `s${i}`
    // Later and later: before it has begun, in its midst; the last one after its end, however long that takes.
    const answered = turnpike
      .api('POST', '/imports', { service, document, backendUrl: backend.url, deploy: true })
      .then(
        ({ status }) => status,
        () => null,
      )
    const later = new Promise((resolve) => setTimeout(resolve, i * KILL_STEP_MS))
    await (i === KILLS - 1 ? answered : Promise.race([answered, later]))
    await turnpike.kill()
    const status = await answered
    turnpike = await turnpike.again()
    if (status === 200) acknowledged++

    const found = await turnpike.api('GET', `/services/${service}`)
    if (found.status === 404) {
      assert.notEqual(status, 200, 'an import that was acknowledged is gone')
      continue
    }
    const tree = await turnpike.api('GET', `/services/${service}/resources?limit=1000`)
    const resources = tree.body.items as unknown as { methods: unknown[] }[]
    assert.equal(resources.flatMap(({ methods }) => methods).length, METHODS)
    const deployments = await turnpike.api('GET', `/services/${service}/stages/live/deployments`)
    const [deployment] = deployments.body.items as unknown as Json[]
    assert.equal(deployments.body.items?.length, 1)
    const answer = await rawRequest(
      turnpike.gatewayPort,
      `GET /path-7 HTTP/1.1\r\nHost: ${service}.localhost\r\nConnection: close\r\n\r\n`,
    )
    // A deployment that was not complete is failed, with its reason; one that is complete serves.
    if (String(deployment?.status) === 'complete') assert.deepEqual(statuses(answer), [200])
    else {
      assert.notEqual(status, 200)
      assert.match(String(deployment?.failure), /ended before/)
      assert.deepEqual(statuses(answer), [404])
    }
  }
  assert.ok(acknowledged > 0, 'no import was ever complete: the kills come too early to say anything')
})

test('a setup is applied as a whole, or not at all', async () => {
  const services = ['one', 'two', 'three']
  const design = (round: number) => ({
    paths: Object.fromEntries(
      // Some paths of each round are of that round alone, so that each one creates, changes and deletes.
      Array.from({ length: 200 }, (_, i) => [
        `/path-${i < 150 ? i : `${round}-${i}`}`,
        { methods: { GET: { backend: { kind: 'mock', body: `round ${round}` } } } },
      ]),
    ),
  })
  const setup = (round: number) => ({
    turnpike: 1,
    services: Object.fromEntries(
      services.map((name) => [
        name,
        {
          description: `round ${round}`,
          design: design(round),
          policies: {},
          stages: { live: { isDefault: true, alerts: {} } },
        },
      ]),
    ),
  })
  const exported = async () => {
    const { body } = await turnpike.api('GET', '/declarative')
    const all = Object.entries(body.services ?? {}).filter(([name]) => services.includes(name))
    return { turnpike: 1, services: Object.fromEntries(all) }
  }
  let acknowledged = 0
  for (let i = 0; i < KILLS; i++) {
    const before = await exported()
    const answered = turnpike.api('POST', '/declarative/apply', { document: setup(i), deploy: true }).then(
      ({ status }) => status,
      () => null,
    )
    // The last one is not disturbed.
    const moment = new Promise((resolve) => setTimeout(resolve, i * 60))
    await (i === KILLS - 1 ? answered : Promise.race([answered, moment]))
    await turnpike.kill()
    const status = await answered
    turnpike = await turnpike.again()
    if (status === 200) acknowledged++
    const now = await exported()
    const isApplied = isDeepStrictEqual(now, setup(i))
    assert.ok(isApplied || isDeepStrictEqual(now, before), `half of setup ${i} was applied`)
    assert.ok(isApplied || status !== 200, `setup ${i} was acknowledged and is gone`)
    // Whatever was interrupted, applying it again ends where it was to end.
    const { body } = await turnpike.api('POST', '/declarative/plan', { document: setup(i) })
    assert.equal((body.changes as unknown as Json[]).length === 0, isApplied)
  }
  assert.ok(acknowledged > 0, 'no setup was ever complete: the kills come too early to say anything')
})

test('every change that was acknowledged is there', async () => {
  const names: string[] = []
  let isOver = false
  const creating = (async () => {
    for (let i = 0; !isOver; i++) {
      const created = await turnpike.api('POST', '/services', { name: `c${i}` }).catch(() => null)
      if (created?.status === 201) names.push(`c${i}`)
    }
  })()
  while (names.length < 50) await new Promise((resolve) => setTimeout(resolve, 1))
  await turnpike.kill()
  isOver = true
  await creating
  turnpike = await turnpike.again()
  const listed = (await turnpike.api('GET', '/services?limit=1000')).body.items as unknown as { name: string }[]
  const there = new Set(listed.map(({ name }) => name))
  assert.deepEqual(
    names.filter((name) => !there.has(name)),
    [],
  )
})
