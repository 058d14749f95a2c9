import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { sendLoad } from '../support/load.ts'
import { deployProxy, type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Statistics of the real program, beside what the load generator and the backend have counted. */

let turnpike: Turnpike
let backend: Server
let served = 0
const paths = ['/a', '/b', '/slow', '/missing']
before(async () => {
  backend = createServer((request, answer) => {
    served++
    answer.statusCode = request.url === '/missing' ? 404 : request.url === '/slow' ? 503 : 200
    answer.end('0123456789')
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  for (const name of ['shop', 'other']) await deployProxy(turnpike, name, url)
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

const read = (path: string) => call(turnpike, 'GET', path)
/** Waits until a number is there: statistics are current within seconds. */
async function until(path: string, calls: number): Promise<Json> {
  for (const end = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const statistics = await read(path)
    if (Number(statistics.totals?.calls) === calls || Date.now() > end) return statistics
  }
}
async function tokenFor(grants: object): Promise<string> {
  const { value } = await call(turnpike, 'POST', '/tokens', { name: 'test', ...grants })
  return String(value)
}
const get = (path: string, token = turnpike.token, signal?: AbortSignal) =>
  fetch(`http://127.0.0.1:${turnpike.managementPort}/api/v1${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(signal !== undefined && { signal }),
  })
const STAGE = '/services/shop/stages/live/statistics'

describe('statistics', () => {
  test('are what was sent, answered and served, to the last request, through stops and starts', async () => {
    const wanted = new Map<number, number>()
    let sent = 0
    for (const count of [12_000, 8_000]) {
      const load = await sendLoad(turnpike.gatewayPort, 'shop.localhost', paths, count)
      sent += load.sent
      for (const [status, times] of load.statuses) wanted.set(status, (wanted.get(status) ?? 0) + times)
      // Those from the first round come from the journal in the second.
      const { totals } = await until(`${STAGE}?from=1h`, sent)
      assert.deepEqual(totals?.statuses, Object.fromEntries([...wanted].sort(([a], [b]) => a - b)))
      assert.equal(totals?.calls, sent)
      if (sent === 12_000) {
        const again = turnpike.again
        const { data } = turnpike
        assert.equal(await stopKeeping(turnpike), 0)
        turnpike = await again()
        assert.equal(turnpike.data, data)
      }
    }
    assert.equal(served, sent)
    const { totals, points } = (await read(`${STAGE}?from=1h`)) as Json
    const all = [...(points as unknown as { calls: number; latency: Json }[])]
    assert.equal(
      all.reduce((sum, point) => sum + point.calls, 0),
      sent,
    )
    assert.ok(all.length >= 60 && all.length <= 62)
    assert.equal(totals?.byGateway, 0)
    assert.equal(totals?.successes, sent / 2)
    assert.equal(totals?.failures, sent / 2)
    assert.ok(Number(totals?.latency?.p99Ms) >= Number(totals?.latency?.p50Ms))
    assert.ok(Number(totals?.backendLatency?.meanMs) > 0)
    assert.ok(Number(totals?.bytesOut) > sent * 10)
    const everything = await read('/statistics?from=1h')
    assert.equal(everything.totals?.calls, sent)
  })

  test('lists, by route and by stage', async () => {
    const { items } = await read(`${STAGE}/top?by=route&sort=latency`)
    assert.equal(items?.[0]?.name, 'ANY /{path+}')
    assert.equal(items?.[0]?.calls, 20_000)
    assert.equal(items?.[0]?.clientErrors, 5_000)
    assert.equal(items?.[0]?.serverErrors, 5_000)
    for (const sort of ['p95', 'p99'])
      assert.equal((await read(`${STAGE}/top?sort=${sort}`)).items?.[0]?.name, 'ANY /{path+}')
    const route = await read(`${STAGE}?from=1h&route=${items?.[0]?.id}`)
    assert.equal(route.totals?.calls, 20_000)
    const stages = await read('/statistics/top?by=stage')
    assert.deepEqual([stages.items?.[0]?.name, stages.count], ['shop/live', 1])
    assert.equal((await read('/services/other/statistics/top?by=stage')).count, 0)
  })

  test('what matched no route or no stage, and what the gateway answered by itself', async () => {
    await sendLoad(turnpike.gatewayPort, 'nowhere.localhost', ['/'], 3, { connections: 1 })
    const { totals } = await until('/statistics?from=1h', 20_003)
    assert.deepEqual(totals?.reasons, [{ plugin: '', code: 'unknown-host', calls: 3 }])
    const stages = await read('/statistics/top?by=stage&sort=failures')
    assert.equal(stages.count, 2)
    assert.deepEqual([stages.items?.[1]?.id, stages.items?.[1]?.name, stages.items?.[1]?.calls], ['', null, 3])
  })

  test('a live feed tells the same, second by second, and ends with the right to it', async () => {
    const grants = { serviceRoles: { shop: 'viewer' } }
    const { token, value } = await call(turnpike, 'POST', '/tokens', { name: 'watcher', ...grants })
    assert.equal((await get('/services/other/stages/live/statistics/live', String(value))).status, 403)
    const response = await get(`${STAGE}/live`, String(value))
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    let calls = 0
    let isRevoked = false
    const decoder = new TextDecoder()
    let text = ''
    const load = sendLoad(turnpike.gatewayPort, 'shop.localhost', paths, 2_000)
    await sendLoad(turnpike.gatewayPort, 'other.localhost', paths, 100)
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) calls += Number(JSON.parse(line.slice(6)).calls)
      if (calls < 2_000 || isRevoked) continue
      isRevoked = true
      await turnpike.api('DELETE', `/tokens/${token?.id}`)
    }
    await load
    assert.equal(calls, 2_000)
  })

  test('whoever may read one service sees that one alone', async () => {
    const token = await tokenFor({ serviceRoles: { other: 'viewer' } })
    const all = (await (await get('/statistics?from=1h', token)).json()) as Json
    assert.equal(all.totals?.calls, 100)
    const top = (await (await get('/statistics/top?by=stage', token)).json()) as Json
    assert.deepEqual([top.count, top.items?.[0]?.name], [1, 'other/live'])
    const own = (await (await get('/services/other/stages/live/statistics/top?by=stage', token)).json()) as Json
    assert.deepEqual([own.count, own.items?.[0]?.name], [1, 'other/live'])
    for (const path of ['/services/shop/statistics', STAGE, `${STAGE}/top`, `${STAGE}/export`])
      assert.equal((await get(path, token)).status, 403, path)
    const nobody = await tokenFor({})
    assert.equal((await get('/statistics', nobody)).status, 403)
  })

  for (const [query, path, told] of [
    ['from=yesterday', '/from', /"yesterday" is no time/],
    ['from=1h&to=2h', '/to', /later than "from"/],
    ['timeZone=Mars', '/timeZone', /"Mars" is not known/],
    ['timeZone=Asia/Kolkata&from=20d', '/timeZone', /do not begin at a whole hour/],
    ['granularity=1m&from=3d', '/granularity', /would be 4321 points, and 1500 is the most|432\d points/],
    ['granularity=1m&from=2026-01-01T00:00Z&to=2026-01-01T01:00Z', '/granularity', /kept for 7 days/],
    ['route=a&key=b', '/key', /all but one of route, key/],
    ['deployment=99', '', /no deployment "99"/],
  ] as const) {
    test(`"${query}" is refused with a remedy`, async () => {
      const { status, body } = await turnpike.api('GET', `${STAGE}?${query}`)
      assert.equal(status, path === '' ? 404 : 422, JSON.stringify(body))
      if (path !== '') assert.equal(body.errors?.[0]?.path, path)
      assert.match(JSON.stringify(body).replaceAll('\\"', '"'), told)
    })
  }

  test('a span is told in the days of a time zone, and compared with the one before', async () => {
    const { points, previous, granularity } = await read(`${STAGE}?from=10d&timeZone=Asia/Seoul&compare=true`)
    assert.equal(granularity, '1d')
    assert.match(String(points?.[0]?.start), /T15:00:00/)
    assert.equal(previous?.calls, 0)
  })

  test('CSV has a line for each point, and one for each entry of a list', async () => {
    const response = await get(`${STAGE}/export?from=1h`)
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8')
    const lines = (await response.text()).trim().split('\n')
    assert.match(lines[0] ?? '', /^start,calls,successes,failures,1xx,/)
    const calls = lines.slice(1).reduce((sum, line) => sum + Number(line.split(',')[1]), 0)
    assert.equal(calls, 22_000)
    const top = (await (await get(`${STAGE}/top/export`)).text()).trim().split('\n')
    assert.match(top[1] ?? '', /ANY \/\{path\+\},shop,live,22000,/)
  })

  test('the command line tells it to people', async () => {
    const env = { TURNPIKE_DATA: turnpike.data }
    const shown = await runTurnpike(['stats', 'shop/live', '--compare'], { env })
    assert.match(shown.stdout, /Calls +22000 +0 +new\n/)
    assert.match(shown.stdout, /ANY \/\{path\+\} +22000 +11000 /)
    const statuses = await runTurnpike(['stats', '--by', 'status'], { env })
    assert.match(statuses.stdout, /\n503 +5525\n/)
    const wrong = await runTurnpike(['stats', 'a/b/c'], { env })
    assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  })

  test('a live feed tells each stage by itself where that is asked for, of those that the caller may read', async () => {
    const idOf = async (service: string) => String((await read(`/services/${service}/stages/live`)).id)
    const token = await tokenFor({ serviceRoles: { other: 'viewer' } })
    const stop = new AbortController()
    const response = await get('/statistics/live?by=stage', token, stop.signal)
    const load = sendLoad(turnpike.gatewayPort, 'other.localhost', ['/a', '/slow'], 200)
    await sendLoad(turnpike.gatewayPort, 'shop.localhost', paths, 100)
    const sums: Record<string, number> = {}
    let text = ''
    const reader = (response.body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader()
    while ((sums[await idOf('other')] ?? 0) < 200) {
      const lines = `${text}${(await reader.read()).value ?? assert.fail(text)}`.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines.filter((one) => one.startsWith('data: '))) {
        const { calls, stages } = JSON.parse(line.slice(6))
        let inStages = 0
        for (const [id, step] of Object.entries<{ calls: number; serverErrors: number }>(stages)) {
          sums[id] = (sums[id] ?? 0) + step.calls
          assert.equal(step.serverErrors <= step.calls, true)
          inStages += step.calls
        }
        assert.equal(inStages, calls)
      }
    }
    stop.abort()
    await load
    assert.deepEqual(sums, { [await idOf('other')]: 200 })
  })

  test('killed under load, it loses at most the last moments, and counts nothing twice', async () => {
    const before = Number((await read('/statistics?from=1h')).totals?.calls)
    const answers: number[] = []
    const load = sendLoad(turnpike.gatewayPort, 'shop.localhost', paths, 1_000_000, {
      onAnswer: () => void answers.push(performance.now()),
    })
    const asked = performance.now()
    while (performance.now() - asked < 4_000) await new Promise((resolve) => setTimeout(resolve, 20))
    const { again } = turnpike
    const killedAt = performance.now()
    await turnpike.kill()
    const { sent } = await load
    turnpike = await again()
    const counted = Number((await read('/statistics?from=1h')).totals?.calls) - before
    // A second until the worker tells, and a moment until that is written; a loaded machine takes longer for both.
    const sure = answers.filter((at) => at < killedAt - 2_500).length
    assert.ok(counted >= sure && counted <= sent, `${counted} counted, ${sure} answered in time, ${sent} sent`)
    assert.ok(counted > 0)
  })
})

/** SIGTERM, and its data folder stays. */
async function stopKeeping(program: Turnpike): Promise<number | null> {
  process.kill(program.pid, 'SIGTERM')
  for (;;) {
    try {
      process.kill(program.pid, 0)
    } catch {
      return 0
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
