import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { RawClient } from '../support/raw.ts'
import { type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** A canary from its start to its end, with callers who are told apart by a header, over several workers and a restart. */

const STAGE = '/services/canary/stages/live'
const CALLERS = Array.from({ length: 200 }, (_, i) => `caller-${i}`)

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const body = '<$' + '{stage.variable.version}>'
  await deployDesign(
    turnpike,
    'canary',
    { '/v': { methods: { GET: { backend: { kind: 'mock', body } } } } },
    { variables: { version: '1' } },
  )
})
after(() => turnpike.stop())

/** What each caller is answered: the version of the deployment that serves it. */
async function versions(): Promise<string[]> {
  const client = new RawClient(turnpike.gatewayPort)
  const found: string[] = []
  for (const [i, caller] of CALLERS.entries()) {
    client.write(`GET /v HTTP/1.1\r\nHost: canary.localhost\r\nX-Key: ${caller}\r\n\r\n`)
    const text = await client.untilResponses(i + 1)
    found.push(/<(\d)>$/.exec(text)?.[1] ?? text)
  }
  client.close()
  return found
}

const count = (list: readonly string[], version: string) => list.filter((one) => one === version).length
const setVersion = (version: string) => call(turnpike, 'PATCH', STAGE, { variables: { version } })
const start = (more: object = {}) =>
  turnpike.api('POST', `${STAGE}/canary`, { share: 50, by: 'header', name: 'x-key', ...more })
const etagOf = async () => (await turnpike.api('GET', STAGE)).headers.get('etag') ?? ''

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`waited in vain for ${what}`)
}

describe('a canary', () => {
  let half: string[] = []

  test('is refused with what is wrong', async () => {
    const cases: [body: object, status: number, detail: RegExp][] = [
      [{ share: 101 }, 400, /share/],
      [{ share: 0.001 }, 400, /share/],
      [{ name: null }, 422, /name/],
      [{ by: 'client-ip' }, 422, /leave it out/],
      [{ deployment: 1 }, 409, /is live/],
      [{ deployment: 7 }, 404, /./],
    ]
    for (const [body, status, detail] of cases) {
      const answer = await start(body)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match(JSON.stringify(answer.body), detail)
    }
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/promote'],
    ] as const)
      assert.equal(
        (await turnpike.api(method, `${STAGE}/canary${path}`, method === 'PATCH' ? { share: 1 } : undefined)).status,
        404,
      )
  })

  test('serves its share, each caller by one side', async () => {
    await setVersion('2')
    const stale = await etagOf()
    await call(turnpike, 'PATCH', STAGE, { description: 'Changed meanwhile' })
    const late = await turnpike.api('POST', `${STAGE}/canary`, { share: 1 }, { 'if-match': stale })
    assert.equal(late.status, 412)
    const { status, body, headers } = await start()
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual([body.deployment, body.share], [2, 50])
    assert.equal(headers.get('etag'), await etagOf())
    half = await versions()
    assert.ok(count(half, '2') > 60 && count(half, '2') < 140, `${count(half, '2')} of 200`)
    assert.equal(count(half, '1') + count(half, '2'), 200)
    assert.deepEqual(await versions(), half)
  })

  test('nothing else is deployed meanwhile, and what it runs is kept', async () => {
    const refused: [method: string, path: string, body?: object][] = [
      ['POST', '/deployments', {}],
      ['POST', '/deployments/1/roll-back'],
      ['DELETE', '/deployments/2'],
      ['POST', '/canary', { share: 1 }],
    ]
    for (const [method, path, body] of refused) {
      const answer = await turnpike.api(method, `${STAGE}${path}`, body)
      assert.equal(answer.status, 409, `${method} ${path}`)
      assert.match(String(answer.body.detail), /canary.*promote or abort/)
    }
    // Settings of the stage can be changed: they wait for the next deployment.
    await setVersion('3')
    assert.deepEqual(await versions(), half)
  })

  test('with a larger share nobody goes back, and with a smaller one nobody comes', async () => {
    const { body } = await turnpike.api('PATCH', `${STAGE}/canary`, { share: 80 })
    assert.equal(body.share, 80)
    const more = await versions()
    for (const [i, version] of half.entries()) if (version === '2') assert.equal(more[i], '2')
    assert.ok(count(more, '2') > count(half, '2'))
    await turnpike.api('PATCH', `${STAGE}/canary`, { share: 50 })
    assert.deepEqual(await versions(), half)
  })

  test('both sides are counted', async () => {
    const sides = async () =>
      (await call(turnpike, 'GET', `${STAGE}/canary`)).sides as unknown as Record<'live' | 'canary', { calls: number }>
    const before = await sides()
    await versions()
    await until(async () => {
      const { live, canary } = await sides()
      return live.calls + canary.calls >= before.live.calls + before.canary.calls + 200
    }, 'the counts of both sides')
    const { nodes } = await call(turnpike, 'GET', '/status')
    const snapshots = nodes?.[0]?.snapshots as unknown as { canary: Json }[]
    const [shown] = snapshots.map(({ canary }) => canary)
    assert.equal(shown?.share, 50)
    assert.ok(Number(shown?.sides?.canary?.calls) > 0)
  })

  test('outlives a worker and the program', async () => {
    await turnpike.kill()
    turnpike = await turnpike.again()
    assert.deepEqual(await versions(), half)
  })

  test('aborted, all callers are served by what is live', async () => {
    assert.equal((await turnpike.api('DELETE', `${STAGE}/canary`)).status, 204)
    assert.equal(count(await versions(), '1'), 200)
    assert.equal((await turnpike.api('GET', `${STAGE}/canary`)).status, 404)
  })

  test('of the past, promoted by command line, is live for all and the base of the stage', async () => {
    const env = { TURNPIKE_DATA: turnpike.data, TURNPIKE_TOKEN: turnpike.token }
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await runTurnpike(['canary', ...args], { env })
      assert.equal(code, 0, stderr)
      return stdout
    }
    assert.match(
      await run('start', 'canary/live', '--share', '12.5', '--by', 'header:x-key', '--deployment', '2'),
      /#2 serves 12.5 %/,
    )
    assert.match(await run('set', 'canary/live', '40'), /40 %/)
    assert.match(await run('show', 'canary/live'), /by header x-key[\s\S]*live[\s\S]*#2/)
    assert.match(await run('promote', 'canary/live'), /runs #2/)
    assert.equal(count(await versions(), '2'), 200)
    const stage = await call(turnpike, 'GET', STAGE)
    assert.equal(stage.deploymentId, stage.baseDeploymentId)
    const { items } = await call(turnpike, 'GET', '/audit?limit=50')
    const actions = (items as unknown as { action: string }[]).map(({ action }) => action)
    for (const action of ['start-canary', 'update-canary', 'promote-canary', 'abort-canary'])
      assert.ok(actions.includes(action), action)
  })

  test('goes with its stage', async () => {
    assert.equal((await start({ share: 100 })).status, 201)
    assert.equal(count(await versions(), '3'), 200)
    assert.equal((await turnpike.api('DELETE', STAGE)).status, 204)
    const client = new RawClient(turnpike.gatewayPort).write('GET /v HTTP/1.1\r\nHost: canary.localhost\r\n\r\n')
    assert.match(await client.untilResponses(1), /unknown-host/)
    client.close()
  })
})
