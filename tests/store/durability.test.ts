import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { RawBackend, rawRequest, response, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** `kill -9` at any moment: what was acknowledged is there afterwards, and nothing is half there. */

/** Each costs a start of the program, which is most of its time: what is written meanwhile is therefore small. */
const KILLS = 10
const METHODS = 300
/** The last kill, in the time that it takes undisturbed: no two take the same. */
const LATEST = 1.5

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

/**
 * Does something several times, each time on a program that has just started, with a kill in its midst: the first one is let end, and
 * says how long that takes here and now; the others are killed later and later. After each kill `check` looks at what is there;
 * `isDone` says whether it had been acknowledged.
 */
async function withKills(
  work: (round: number) => Promise<{ readonly status: number }>,
  check: (round: number, isDone: boolean) => Promise<void>,
): Promise<void> {
  let takesMs = 0
  let interrupted = 0
  for (let round = 0; round < KILLS; round++) {
    const begun = performance.now()
    const answered = work(round).then(
      ({ status }) => status,
      () => null,
    )
    const moment = new Promise((resolve) => setTimeout(resolve, (LATEST * takesMs * round) / KILLS))
    await (round === 0 ? answered : Promise.race([answered, moment]))
    if (round === 0) takesMs = performance.now() - begun
    await turnpike.kill()
    const status = await answered
    turnpike = await turnpike.again()
    if (round === 0) assert.equal(status, 200)
    if (status === null) interrupted++
    await check(round, status === 200)
  }
  assert.ok(interrupted > 0, 'nothing was ever interrupted: the kills come too late to say anything')
}

test('an import with its deployment is there as a whole, or not at all', async () => {
  const load = (round: number) =>
    turnpike.api('POST', '/imports', { service: `s${round}`, document, backendUrl: backend.url, deploy: true })
  await withKills(load, async (round, isDone) => {
    const service = `s${round}`
    const found = await turnpike.api('GET', `/services/${service}`)
    if (found.status === 404) {
      assert.ok(!isDone, 'an import that was acknowledged is gone')
      return
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
      assert.ok(!isDone)
      assert.match(String(deployment?.failure), /ended before/)
      assert.deepEqual(statuses(answer), [404])
    }
  })
})

test('a setup is applied as a whole, or not at all', async () => {
  const services = ['one', 'two', 'three']
  const design = (round: number) => ({
    paths: Object.fromEntries(
      // Some paths of each round are of that round alone, so that each one creates, changes and deletes.
      Array.from({ length: 60 }, (_, i) => [
        `/path-${i < 40 ? i : `${round}-${i}`}`,
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
  const apply = (round: number) => turnpike.api('POST', '/declarative/apply', { document: setup(round), deploy: true })
  let before = await exported()
  await withKills(apply, async (round, isDone) => {
    const now = await exported()
    const isApplied = isDeepStrictEqual(now, setup(round))
    assert.ok(isApplied || isDeepStrictEqual(now, before), `half of setup ${round} was applied`)
    assert.ok(isApplied || !isDone, `setup ${round} was acknowledged and is gone`)
    before = now
  })
  // Whatever was interrupted, applying it again ends where it was to end.
  assert.equal((await apply(KILLS)).status, 200)
  assert.deepEqual(await exported(), setup(KILLS))
  const { body } = await turnpike.api('POST', '/declarative/plan', { document: setup(KILLS) })
  assert.deepEqual(body.changes, [])
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
