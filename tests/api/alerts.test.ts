import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { makeCertificate, newPrivateKey } from '../../src/lib/make-certificate.ts'
import { call } from '../support/design.ts'
import { sendLoad } from '../support/load.ts'
import { deployProxy, type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Alert rules of the real program, by hand and in a setup, and a webhook that hears of them. */

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
    assert.match(listed.stdout, /shop\/live +errors +firing .* up to date\n/)
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

describe('alert rules in a setup', () => {
  interface Plan {
    readonly changes: { action: string; kind: string; name: string; differences: { text: string }[] }[]
    readonly fingerprint: string
  }
  const BOOKS = '/services/books/stages/live/alerts'
  const setup = (alerts?: object, others: object = {}) => ({
    turnpike: 1,
    services: { books: { stages: { live: { ...(alerts && { alerts }), ...others } } } },
  })
  const slow = { kind: 'latency', threshold: 500 }
  const errors = { kind: 'server-errors', threshold: 5, webhook: 'https://hooks.example.com/a', secret: SECRET }
  const send = async (action: 'plan' | 'apply', document: object, options: object = {}) =>
    (await call(turnpike, 'POST', `/declarative/${action}`, { document, ...options })) as unknown as Plan
  const told = ({ changes }: Plan) => changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`)
  const texts = ({ changes }: Plan) => changes.flatMap(({ differences }) => differences.map(({ text }) => text))
  const names = async () =>
    ((await call(turnpike, 'GET', BOOKS)).items as unknown as { name: string }[]).map(({ name }) => name)

  test('are made with their stage, are the same a second time, and go on standing as they do', async () => {
    const made = await send('apply', setup({ errors, slow }))
    assert.deepEqual(told(made), [
      'create service books',
      'create stage live',
      'create alert live/errors',
      'create alert live/slow',
    ])
    const { since, hasSecret, windowMinutes } = await call(turnpike, 'GET', `${BOOKS}/errors`)
    assert.deepEqual([hasSecret, windowMinutes], [true, 5])
    assert.deepEqual((await send('apply', setup({ errors, slow }))).changes, [])
    const moved = { ...errors, webhook: 'https://hooks.example.com/b' }
    assert.deepEqual(texts(await send('apply', setup({ errors: moved, slow }))), [
      'alert live/errors: webhook is "https://hooks.example.com/b" instead of "https://hooks.example.com/a"',
    ])
    assert.equal((await call(turnpike, 'GET', `${BOOKS}/errors`)).since, since)
  })

  test('have their secrets told nowhere, and kept by what an export has of them', async () => {
    const other = { ...errors, secret: 'another-marked-secret' }
    const planned = await send('plan', setup({ errors: other, slow }))
    assert.ok(texts(planned).includes('alert live/errors: secret is changed'))
    const { secret: _, ...unsigned } = errors
    const taken = await send('plan', setup({ errors: unsigned, slow }))
    assert.ok(texts(taken).includes('alert live/errors: secret is removed'))
    const stale = await turnpike.api('POST', '/declarative/apply', {
      document: setup({ errors: { ...errors, secret: 'yet-another-secret' }, slow }),
      fingerprint: planned.fingerprint,
    })
    assert.equal(stale.status, 409)
    const applied = await send('apply', setup({ errors: other, slow }), { fingerprint: planned.fingerprint })
    const kept = await call(turnpike, 'GET', '/declarative?service=books')
    assert.match(JSON.stringify(kept), /"errors":\{"kind":"server-errors".*"secret":"\$sealed\$/)
    assert.deepEqual((await send('apply', kept)).changes, [])
    const audit = await call(turnpike, 'GET', '/audit?limit=50')
    for (const one of [planned, taken, applied, kept, audit, turnpike.output()])
      assert.doesNotMatch(JSON.stringify(one), /marked-|yet-another/)
    await send('apply', setup({ errors, slow }))
  })

  const cases: [what: string, document: object, prune: boolean, changes: string[]][] = [
    ['stay where a stage says nothing of them, even with prune', setup(), true, []],
    ['stay where others are named', setup({ errors }), false, []],
    ['go with prune where others are named', setup({ errors }), true, ['delete alert live/slow']],
    [
      'go with prune where there are to be none',
      setup({}),
      true,
      ['delete alert live/errors', 'delete alert live/slow'],
    ],
    [
      'go with their stage, which says it for them',
      { turnpike: 1, services: { books: { stages: {} } } },
      true,
      ['delete stage live'],
    ],
  ]
  for (const [what, document, prune, changes] of cases)
    test(what, async () => {
      const options = { prune }
      await send('apply', setup({ errors, slow }))
      const own = ({ changes }: Plan) =>
        told({ changes: changes.filter(({ name }) => name !== 'shop' && name !== 'other') } as Plan)
      assert.deepEqual(own(await send('plan', document, options)), changes)
    })

  test('are deleted where that was planned', async () => {
    const services = (await call(turnpike, 'GET', '/declarative')).services as unknown as Record<string, object>
    await send('apply', { turnpike: 1, services: { ...services, ...setup({ errors }).services } }, { prune: true })
    assert.deepEqual(await names(), ['errors'])
    const { items } = await call(turnpike, 'GET', '/audit?kind=alert&limit=1')
    assert.equal((items as unknown as Json[])[0]?.action, 'delete')
  })

  test('are refused with their place, all at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`rule-${i}`, slow]))
    const sealed = `$sealed$${Buffer.alloc(40).toString('base64url')}`
    const problems = async (alerts: object) => {
      const { status, body } = await turnpike.api('POST', '/declarative/plan', { document: setup(alerts) })
      assert.equal(status, 422, JSON.stringify(body))
      const at = '/services/books/stages/live/alerts'
      return (body.errors as unknown as { path: string; message: string }[]).map(({ path, message }) => {
        assert.ok(path.startsWith(at), path)
        return `${path.slice(at.length)}: ${message}`
      })
    }
    const found = await problems({
      a: { ...slow, webhook: 'http://169.254.169.254/' },
      b: { ...slow, secret: 'x'.repeat(201) },
      c: { ...slow, secret: sealed },
    })
    assert.equal(found.length, 3, found.join('\n'))
    assert.match(found[0] ?? '', /^\/a\/webhook: 169\.254\.169\.254 is a link-local/)
    assert.match(found[1] ?? '', /^\/b\/secret: It has 201 characters; 200 is the most/)
    assert.match(found[2] ?? '', /^\/c\/secret: The secret was encrypted by another installation/)
    assert.match((await problems({ a: { ...slow, kind: 'mood' } }))[0] ?? '', /^\/a\/kind: "kind" must be one of/)
    assert.match((await problems({ a: { kind: 'latency' } }))[0] ?? '', /^\/a: The field "threshold" is missing/)
    assert.match((await problems({ 'A b': slow }))[0] ?? '', /^\/A b: "A b" cannot be a name here/)
    assert.match((await problems({ a: { ...slow, secret: 'short' } }))[0] ?? '', /^\/a\/secret: .*8/)
    assert.match((await problems(many))[0] ?? '', /^: There would be 5\d alert rules on this stage; 50 is the most/)
  })

  test('are told by the command line, and put in by an export that is applied', async () => {
    const env = { TURNPIKE_DATA: turnpike.data, HOOK_SECRET: 'another-marked-secret' }
    const document = JSON.stringify(setup({ errors: { ...errors, secret: '${env:HOOK_SECRET}', threshold: 7 } }))
    const planned = await runTurnpike(['plan', '-f', '-'], { env, input: document })
    assert.match(
      planned.stdout,
      /~ alert live\/errors\n +secret is changed\n|~ alert live\/errors\n +threshold is 7 instead of 5\n +secret is changed\n/,
    )
    const exported = await runTurnpike(['export', 'books'], { env })
    assert.match(exported.stdout, /alerts:\n +errors:\n +kind: server-errors\n +threshold: 5\n/)
  })
})
