import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Requests that the management API sends through the gateway, to the demo backend that it has started. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  const { body: demo } = await turnpike.api('POST', '/demo')
  const imported = { service: 'demo', document: demo.document, backendUrl: demo.url, deploy: true, stage: 'live' }
  const { status } = await turnpike.api('POST', '/imports', imported)
  assert.equal(status, 200)
})
after(() => turnpike?.stop())

const send = (request: object) => turnpike.api('POST', '/services/demo/stages/live/send', request)

test('the demo backend is started once', async () => {
  const [one, other] = await Promise.all([turnpike.api('POST', '/demo'), turnpike.api('POST', '/demo')])
  assert.equal(one.body.url, other.body.url)
})

test('a request passes the gateway, with what it carries, and counts as any other', async () => {
  const headers = [
    { name: 'X-Two', value: 'a' },
    { name: 'X-Two', value: 'b' },
    { name: 'Host', value: 'elsewhere' },
  ]
  const { status, body } = await send({ method: 'GET', target: '/echo?q=1', headers })
  assert.deepEqual([status, body.status], [200, 200])
  const seen = JSON.parse(String(body.body))
  assert.deepEqual([seen.url, seen.headers['x-two']], ['/echo?q=1', 'a, b'])
  const { body: listed } = await turnpike.api('GET', '/services/demo/stages/live/requests')
  assert.ok(JSON.stringify(listed).includes('/echo'))
})

test('a body is sent whole', async () => {
  const { body } = await send({ method: 'POST', target: '/pets', body: '{"name":"Kitty ♥"}' })
  assert.deepEqual([body.status, JSON.parse(String(body.body)).name], [201, 'Kitty ♥'])
})

const unsendable: [what: string, request: object][] = [
  ['a target with a line end', { target: '/a\r\nX: y' }],
  ['a header with a line end', { target: '/', headers: [{ name: 'a', value: 'b\r\nc: d' }] }],
  ['a method that is none', { method: 'GE T', target: '/' }],
]
for (const [what, request] of unsendable) {
  test(`${what} is refused, and nothing is sent`, async () => {
    const { status, body } = await send(request)
    assert.deepEqual([status, body.code], [422, 'invalid'])
  })
}
