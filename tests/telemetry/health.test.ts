import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { RawClient, rawRequest, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** `/livez` and `/readyz` on both ports. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1', '--drain-delay', '3600', '--drain-timeout', '1'] })
  const { body: service } = await turnpike.api('POST', '/services', { name: 'taken' })
  const { body: resource } = await turnpike.api('POST', `/services/${service.id}/resources`, { path: '/readyz' })
  await turnpike.api('POST', `/services/taken/resources/${resource.id}/methods`, {
    verb: 'GET',
    backend: { kind: 'mock', body: "the stage's own" },
  })
  await turnpike.api('POST', '/services/taken/stages', { name: 'live', isDefault: true })
  const { status } = await turnpike.api('POST', '/services/taken/stages/live/deployments', { apply: true })
  assert.equal(status, 201)
})
// It is told to stop by the last test, and would go on for an hour.
after(() => turnpike.kill())

const ask = (path: string, host: string, method = 'GET') =>
  rawRequest(turnpike.gatewayPort, `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
const manage = async (path: string): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`http://127.0.0.1:${turnpike.managementPort}${path}`)
  return { status: response.status, body: (await response.json()) as Json }
}

describe('on the gateway port', () => {
  for (const path of ['/livez', '/readyz', '/readyz?verbose'])
    test(`${path} is answered where no stage has the host`, async () => {
      const answer = await ask(path, '10.1.2.3:8080')
      assert.deepEqual(statuses(answer), [200])
      assert.match(answer, /\r\nContent-Type: application\/json\r\n/)
      assert.match(answer, /"status":"ok"/)
    })

  test('HEAD is answered too', async () =>
    assert.match(await ask('/readyz', 'a.example', 'HEAD'), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/))

  for (const [path, method] of [
    ['/readyz/', 'GET'],
    ['/READYZ', 'GET'],
    ['/readyz/x', 'GET'],
    ['/%72eadyz', 'GET'],
    ['//readyz', 'GET'],
    ['/readyz', 'POST'],
    ['/readyz', 'OPTIONS'],
    ['/healthz', 'GET'],
  ] as const)
    test(`${method} ${path} is a request for nobody`, async () => {
      const answer = await ask(path, '10.1.2.3:8080', method)
      assert.deepEqual(statuses(answer), [404])
      assert.match(answer, /"unknown-host"/)
    })

  test('a stage has its own paths of these names', async () =>
    assert.match(await ask('/readyz', 'taken.localhost'), /the stage's own$/))

  test('and where it has none, the answer is that of the stage', async () => {
    const answer = await ask('/livez', 'taken.localhost')
    assert.deepEqual(statuses(answer), [404])
    assert.match(answer, /"not-found"/)
  })

  test('a stranger is told nothing of what is behind', async () => {
    const answer = await ask('/readyz', 'a.example')
    const body: unknown = JSON.parse(answer.split('\r\n\r\n')[1] ?? '')
    assert.deepEqual(body, {
      status: 'ok',
      checks: [{ name: 'worker', status: 'ok', reason: 'The worker takes requests.' }],
    })
  })
})

describe('on the management port', () => {
  test('/livez and /readyz say what was looked at, without a token', async () => {
    const live = await manage('/livez')
    assert.deepEqual([live.status, live.body.status], [200, 'ok'])
    const ready = await manage('/readyz')
    assert.equal(ready.status, 200)
    assert.deepEqual(ready.body, {
      status: 'ok',
      checks: [
        { name: 'gateway', status: 'ok', reason: '1 of 1 workers take requests.' },
        { name: 'store', status: 'ok', reason: 'The store can be used.' },
        { name: 'program', status: 'ok', reason: 'The program is not about to end.' },
      ],
    })
  })
})

describe('a program that is to end', () => {
  test('goes on, and says on both ports that it is not ready for more', async () => {
    process.kill(turnpike.pid, 'SIGTERM')
    for (let ready = 200; ready !== 503; ) {
      ready = statuses(await ask('/readyz', 'a.example'))[0] ?? 0
      assert.ok(ready === 200 || ready === 503)
    }
    assert.match(await ask('/readyz', 'a.example'), /about to end/)
    assert.deepEqual(statuses(await ask('/livez', 'a.example')), [200])
    const { status, body } = await manage('/readyz')
    assert.equal(status, 503)
    assert.equal(body.status, 'unavailable')
    assert.match(JSON.stringify(body.checks), /"program","status":"failing"/)
    // New connections are served as before.
    const client = new RawClient(turnpike.gatewayPort)
    client.write('GET /readyz HTTP/1.1\r\nHost: taken.localhost\r\n\r\n')
    assert.match(await client.untilResponses(1), /the stage's own$/)
    client.close()
  })
})
