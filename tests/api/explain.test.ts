import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { RawBackend, rawRequest, response } from '../support/raw.ts'
import { type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** What the explanation of a request says is what the gateway does with it. */

let turnpike: Turnpike
let backend: RawBackend
const stage = '/services/shop/stages/live'
before(async () => {
  backend = await RawBackend.start()
  backend.answer = (connection) =>
    connection.write(response('from the backend', 'HTTP/1.1 201 Created\r\nX-From: backend'))
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  const document = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    paths: {
      '/orders/{id}': { get: {}, post: {} },
      '/orders/mine': { get: {} },
      '/orders/{all+}': { delete: {} },
      '/fixed': { get: {} },
      '/gone': { get: {} },
    },
  })
  await turnpike.api('POST', '/imports', { service: 'shop', document, backendUrl: `${backend.url}/base` })
  const tree = (await turnpike.api('GET', '/services/shop/resources')).body.items as unknown as {
    id: string
    path: string
    methods: { id: string; verb: string }[]
  }[]
  const node = (path: string) => tree.find((one) => one.path === path)
  await turnpike.api('PATCH', `/services/shop/resources/${node('/')?.id}`, {
    plugins: [
      { plugin: 'request-id', config: { header: 'x-request-id', trustClient: true, echo: true } },
      {
        plugin: 'request-transformer',
        config: { headers: { set: { 'x-order': '${stage.name}' }, remove: ['x-secret'] }, query: { set: { v: '2' } } },
      },
    ],
  })
  const fixed = node('/fixed')?.methods[0]?.id
  await turnpike.api('PATCH', `/services/shop/methods/${fixed}`, {
    backend: { kind: 'mock', status: 203, headers: { 'x-a': '${request.id}' }, body: 'fixed' },
  })
  const gone = node('/gone')?.methods[0]?.id
  await turnpike.api('PATCH', `/services/shop/methods/${gone}`, {
    backend: { kind: 'http', path: '/v2/${request.queryString.to}' },
  })
  await turnpike.api('POST', `${stage}/deployments`, { apply: true })
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

const ID = '0123456789abcdef0123456789abcdef'
const headers = [
  { name: 'X-Request-Id', value: ID },
  { name: 'X-Secret', value: 's' },
  { name: 'Accept', value: 'text/plain' },
]
const explain = async (method: string, target: string, more: object = {}) => {
  const { status, body } = await turnpike.api('POST', `${stage}/explain`, {
    request: { method, target, headers, ...more },
    call: true,
  })
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

describe('the explanation and the gateway agree', () => {
  const requests: [method: string, target: string, body?: string][] = [
    ['GET', '/orders/7?a=1&b=2'],
    ['GET', '/orders/mine'],
    ['POST', '/orders/7', '{"amount":1}'],
    ['DELETE', '/orders/7/lines/1'],
    ['HEAD', '/fixed'],
    ['GET', '/fixed'],
    ['PUT', '/orders/7'],
    ['GET', '/nothing'],
    ['GET', '/orders/%2e%2E/fixed'],
    ['GET', '/orders/a%2Fb'],
    ['GET', '/../x'],
    ['GET', '/gone?to=there'],
    ['BAD METHOD', '/'],
  ]
  for (const [method, target, body = ''] of requests) {
    test(`${method} ${target}`, async () => {
      backend.reset()
      backend.answer = (connection) =>
        connection.write(response('from the backend', 'HTTP/1.1 201 Created\r\nX-From: backend'))
      const explained = await explain(method, target, { body })
      const askedByExplanation = backend.received
      backend.reset()
      backend.answer = (connection) =>
        connection.write(response('from the backend', 'HTTP/1.1 201 Created\r\nX-From: backend'))
      const lines = headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('')
      const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
      const answer = await rawRequest(
        turnpike.gatewayPort,
        `${method} ${target} HTTP/1.1\r\nHost: shop.localhost\r\n${lines}${length}Connection: close\r\n\r\n${body}`,
      )
      assert.equal(askedByExplanation, backend.received)
      const told = explained.answer as Json
      assert.equal(Number(told.status), Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]))
      for (const { name, value } of told.headers as unknown as { name: string; value: string }[])
        assert.ok(answer.includes(`\r\n${name}: ${value}\r\n`), `${name}: ${value} is not in ${answer}`)
      const withoutIds = (text: string) => text.replace(/"requestId":"\w+"/, '')
      if (method !== 'HEAD')
        assert.equal(withoutIds(String(told.body)), withoutIds(answer.slice(answer.indexOf('\r\n\r\n') + 4)))
    })
  }
})

test('it shows the routes that lost, what each plugin changed, and what the backend would be sent', async () => {
  const { body } = await turnpike.api('POST', `${stage}/explain`, { request: { target: '/orders/mine', headers } })
  assert.deepEqual(
    (body.candidates as unknown as Json[]).map(({ method, pattern, verdict }) => `${method} ${pattern}: ${verdict}`),
    [
      'GET /orders/mine: matched',
      'GET /orders/{id}: less specific',
      'POST /orders/{id}: less specific',
      'DELETE /orders/{all+}: less specific',
    ],
  )
  const steps = body.requestPlugins as unknown as { plugin: string; decision: string; changes: string[] }[]
  assert.deepEqual(
    steps.map(({ plugin, decision }) => `${plugin} ${decision}`),
    ['request-id goes on', 'request-transformer goes on'],
  )
  assert.deepEqual(steps[1]?.changes.toSorted(), [
    'query is "v=2" instead of ""',
    'request header x-order is set to "live"',
    'request header x-secret is removed',
  ])
  const head = body.backend?.head as unknown as string[]
  assert.equal(head[0], 'GET /base/orders/mine?v=2 HTTP/1.1')
  assert.equal(body.answer, null)
})

test('against the draft, before anything is applied', async () => {
  const root = (await turnpike.api('GET', '/services/shop/resources')).body.items?.[0]?.id
  await turnpike.api('POST', `/services/shop/resources/${root}/methods`, {
    verb: 'GET',
    backend: { kind: 'mock', body: 'root' },
  })
  const against = async (what: unknown) =>
    (await turnpike.api('POST', `${stage}/explain`, { request: { target: '/' }, against: what })).body.answer?.status
  assert.deepEqual(
    [await against('live'), await against('stage'), await against('draft'), await against(1)],
    [404, 404, 200, 404],
  )
})

test('turnpike explain says it to people', async () => {
  const { code, stdout, stderr } = await runTurnpike([
    'explain',
    'shop',
    'GET',
    '/orders/7?a=1',
    '-H',
    'X-Secret: s',
    '--data',
    turnpike.data,
  ])
  assert.equal(code, 0, stderr)
  for (const told of [
    /^GET \/orders\/7\?a=1 against snapshot [0-9a-f]{12}\n/,
    /→ GET \/orders\/\{id\} {2}\(matched\)/,
    /id = 7/,
    /request header x-secret is removed/,
    /GET \/base\/orders\/7\?a=1&v=2 HTTP\/1\.1/,
    /the backend’s; see it with --call/,
  ])
    assert.match(stdout, told)
  const wrong = await runTurnpike(['explain', 'shop', 'GET', '/', '-H', 'nonsense', '--data', turnpike.data])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /"nonsense" is not a header: write NAME: VALUE/)
})
