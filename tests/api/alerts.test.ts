import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { makeCertificate, newPrivateKey } from '../../src/lib/make-certificate.ts'
import { call } from '../support/design.ts'
import { sendLoad } from '../support/load.ts'
import { deployProxy, type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Alert rules of the real program, and a webhook that hears of them. */

const SECRET = 'marked-webhook-secret'
const heard: { body: Json; text: string; signature: string }[] = []
let refusals = 1
let turnpike: Turnpike
let receiver: Server
let hook: string
before(async () => {
  receiver = createServer((request, answer) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      // The first message is refused once: it has to come again.
      answer.statusCode = refusals-- > 0 ? 500 : 204
      if (answer.statusCode === 204)
        heard.push({ body: JSON.parse(text), text, signature: String(request.headers['turnpike-signature']) })
      answer.end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  // Nobody listens there: every request is 502.
  await deployProxy(turnpike, 'shop', 'http://127.0.0.1:9')
})
after(async () => {
  await turnpike.stop()
  receiver.close()
})

const DAY_MS = 86_400_000
interface Standing {
  readonly state: string
  readonly value: number | null
}
const ALERTS = '/services/shop/stages/live/alerts'
const RULE = { kind: 'server-errors', threshold: 50, windowMinutes: 5, forMinutes: 0, minCalls: 5 }

async function until<T>(read: () => Promise<T> | T, isRight: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const value = await read()
    if (isRight(value) || Date.now() > end) return value
  }
}

describe('alerts', () => {
  for (const [what, change, path] of [
    ['an unknown kind', { kind: 'mood' }, '/kind'],
    ['a window that is too long', { windowMinutes: 61 }, '/windowMinutes'],
    ['a webhook that is no URL', { webhook: 'mailto:ada@example.com' }, '/webhook'],
    ['a metadata address', { webhook: 'http://169.254.169.254/' }, '/webhook'],
    ['a short secret', { secret: 'short' }, '/secret'],
    ['a field that there is not', { treshold: 5 }, '/treshold'],
  ] as const) {
    test(`${what} is refused`, async () => {
      const { status, body } = await turnpike.api('PUT', `${ALERTS}/wrong`, { ...RULE, ...change })
      assert.ok(status === 400 || status === 422, `${status}`)
      assert.match(JSON.stringify(body.errors), new RegExp(path.slice(1)))
      assert.equal((await turnpike.api('GET', `${ALERTS}/wrong`)).status, 404)
    })
  }

  test('a certificate that is near its end fires, and one that is put in its place ends that', async () => {
    const key = newPrivateKey()
    const lasting = (days: number) => ({
      chain: makeCertificate({
        commonName: 'shop',
        names: ['shop.example'],
        notBefore: new Date(Date.now() - DAY_MS),
        notAfter: new Date(Date.now() + days * DAY_MS),
        key,
        usage: 'server',
      }),
      key: String(key.export({ type: 'pkcs8', format: 'pem' })),
    })
    const rule = { kind: 'certificate', threshold: 14, forMinutes: 0 }
    const state = async () => (await call(turnpike, 'GET', `${ALERTS}/certificate`)) as unknown as Standing
    await call(turnpike, 'PATCH', '/services/shop/stages/live', { domains: ['shop.example'] })
    await call(turnpike, 'POST', '/certificates', { name: 'shop', ...lasting(10) })
    await call(turnpike, 'PUT', `${ALERTS}/certificate`, rule)
    const fired = await until(state, (one) => one.state === 'firing')
    assert.equal(fired.state, 'firing')
    assert.ok(fired.value !== null && fired.value > 9 && fired.value <= 10, String(fired.value))
    await call(turnpike, 'PATCH', '/certificates/shop', lasting(90))
    assert.equal((await until(state, (one) => one.state === 'resolved')).state, 'resolved')
    await call(turnpike, 'DELETE', `${ALERTS}/certificate`)
  })

  test('a rule fires, its webhook hears of it once it answers, and the message is signed', async () => {
    const made = await call(turnpike, 'PUT', `${ALERTS}/errors`, { ...RULE, webhook: hook, secret: SECRET })
    assert.deepEqual([made.state, made.hasSecret, 'secret' in made], ['ok', true, false])
    await sendLoad(turnpike.gatewayPort, 'shop.localhost', ['/a'], 20, { connections: 1 })
    const fired = await until(
      () => call(turnpike, 'GET', `${ALERTS}/errors`),
      ({ state }) => String(state) === 'firing',
    )
    assert.deepEqual([fired.state, fired.value], ['firing', 100])
    await until(
      () => heard.length,
      (count) => count > 0,
    )
    const [message] = heard
    const { alert, service, stage, state, value } = message?.body ?? {}
    assert.deepEqual([alert, service, stage, state, value], ['errors', 'shop', 'live', 'firing', 100])
    const [, seconds, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(message?.signature ?? '') ?? []
    assert.equal(digest, createHmac('sha256', SECRET).update(`${seconds}.${message?.text}`).digest('hex'))
    const told = await until(
      () => call(turnpike, 'GET', `${ALERTS}/errors`),
      ({ isTold }) => String(isTold) === 'true',
    )
    assert.equal(told.isTold, true)
  })

  test('how it stands outlives the program, and it is told no second time', async () => {
    const before = await call(turnpike, 'GET', `${ALERTS}/errors`)
    const { again } = turnpike
    await turnpike.kill()
    turnpike = await again()
    const standing = await call(turnpike, 'GET', `${ALERTS}/errors`)
    assert.deepEqual([standing.state, standing.since, standing.isTold], ['firing', before.since, true])
    assert.equal(heard.length, 1)
  })

  test('the command line makes, lists and deletes rules', async () => {
    const env = { TURNPIKE_DATA: turnpike.data }
    const args = ['--kind', 'latency', '--threshold', '500', '--window', '10']
    const made = await runTurnpike(['alerts', 'set', 'shop/live', 'slow', ...args], { env })
    assert.match(made.stdout, /Alert "slow" of shop\/live is set/)
    const signed = await runTurnpike(['alerts', 'set', 'shop/live', 'slow', ...args, '--secret-stdin'], {
      env,
      input: `${SECRET}\n`,
    })
    assert.equal(signed.code, 0, signed.stderr)
    const hasSecret = async () => String((await call(turnpike, 'GET', `${ALERTS}/slow`)).hasSecret)
    assert.equal(await hasSecret(), 'true')
    await runTurnpike(['alerts', 'set', 'shop/live', 'slow', ...args], { env })
    assert.equal(await hasSecret(), 'true')
    await runTurnpike(['alerts', 'set', 'shop/live', 'slow', ...args, '--no-secret'], { env })
    assert.equal(await hasSecret(), 'false')
    const both = await runTurnpike(['alerts', 'set', 'shop/live', 'slow', ...args, '--no-secret', '--secret-stdin'], {
      env,
    })
    assert.deepEqual([both.code, /use one of them/.test(both.stderr)], [2, true])
    const listed = await runTurnpike(['alerts', 'list'], { env })
    assert.match(listed.stdout, /shop\/live +errors +firing .* told\n/)
    assert.match(listed.stdout, /shop\/live +slow +ok .* latency >= 500 +-\n/)
    const deleted = await runTurnpike(['alerts', 'delete', 'shop/live', 'slow'], { env })
    assert.equal(deleted.code, 0)
    assert.equal((await turnpike.api('GET', `${ALERTS}/slow`)).status, 404)
  })

  test('whoever may not read the service sees none of its rules, and nobody the secret', async () => {
    await call(turnpike, 'POST', '/services', { name: 'other' })
    const { value } = await call(turnpike, 'POST', '/tokens', { name: 'v', serviceRoles: { other: 'viewer' } })
    const get = async (path: string) =>
      fetch(`http://127.0.0.1:${turnpike.managementPort}/api/v1${path}`, {
        headers: { authorization: `Bearer ${value}` },
      })
    assert.deepEqual(await (await get('/alerts')).json(), { items: [] })
    assert.equal((await get(ALERTS)).status, 403)
    for (const path of ['/alerts', ALERTS, '/audit?kind=alert'])
      assert.doesNotMatch(JSON.stringify((await turnpike.api('GET', path)).body), new RegExp(SECRET))
    assert.equal((await call(turnpike, 'GET', '/audit?kind=alert')).items?.length, 8)
    assert.doesNotMatch(turnpike.output(), new RegExp(SECRET))
  })
})
