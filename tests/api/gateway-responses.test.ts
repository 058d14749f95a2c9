import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rawRequest } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Gateway responses, from the management API to the wire. */

let turnpike: Turnpike
const at = '/services/api/gateway-responses'
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  await turnpike.api('POST', '/services', { name: 'api' })
  const root = (await turnpike.api('GET', '/services/api/resources')).body.items?.[0]?.id
  await turnpike.api('POST', `/services/api/resources/${root}/methods`, { verb: 'GET', backend: { kind: 'mock' } })
  await turnpike.api('POST', '/services/api/stages', { name: 'live', isDefault: true })
})
after(() => turnpike.stop())

const deploy = () => turnpike.api('POST', '/services/api/stages/live/deployments', { apply: true })
const ask = (line: string, headers = '') =>
  rawRequest(turnpike.gatewayPort, `${line} HTTP/1.1\r\nHost: api.localhost\r\n${headers}Connection: close\r\n\r\n`)

test('one that is redefined is answered from the next deployment on, and reset', async () => {
  const put = await turnpike.api('PUT', `${at}/not-found`, {
    status: 410,
    headers: { 'X-Reason': '${error.code}' },
    bodies: [
      { contentType: 'application/json', body: '{"gone":"${request.uriPath}"}' },
      { contentType: 'text/html', body: '<h1>Gone</h1>' },
    ],
  })
  assert.equal(put.status, 200)
  await deploy()
  const json = await ask('GET /a%22b')
  assert.match(json, /^HTTP\/1\.1 410 Gone\r\n/)
  assert.match(json, /\r\nX-Reason: not-found\r\n/)
  assert.ok(json.endsWith('{"gone":"/a%22b"}'), json)
  assert.ok((await ask('GET /x', 'Accept: text/html\r\n')).endsWith('<h1>Gone</h1>'))
  assert.equal((await turnpike.api('DELETE', `${at}/not-found`)).status, 204)
  await deploy()
  assert.match(await ask('GET /x'), /^HTTP\/1\.1 404 [\s\S]*"code":"not-found"/)
})

test('the envelope preset redefines all, 405 keeps its Allow', async () => {
  await turnpike.api('PUT', at, { preset: 'envelope' })
  await deploy()
  const answer = await ask('POST /')
  assert.match(answer, /^HTTP\/1\.1 405 /)
  assert.match(answer, /\r\nAllow: GET, HEAD\r\n/)
  const { header } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { header: Json }
  assert.deepEqual(header, {
    isSuccessful: false,
    resultCode: 405,
    resultMessage: 'This resource does not have this method.',
  })
  await turnpike.api('PUT', at, { preset: null })
  const { items } = (await turnpike.api('GET', at)).body
  assert.ok((items as unknown as Json[]).every(({ redefined }) => redefined === null))
})

test('what cannot work is refused, all of it named', async () => {
  const { status, body } = await turnpike.api('PUT', `${at}/not-found`, {
    headers: { 'Content-Length': '1', 'a b': 'c', 'X-A': '${nope}' },
    bodies: [
      { contentType: 'text/plain', body: '${request.path.id}' },
      { contentType: 'text/plain; charset=utf-8', body: '' },
    ],
  })
  assert.equal(status, 422)
  const paths = (body.errors as unknown as { path: string }[]).map(({ path }) => path)
  assert.deepEqual(paths.sort(), [
    '/bodies/0/body',
    '/bodies/1/contentType',
    '/headers/Content-Length',
    '/headers/X-A',
    '/headers/a b',
  ])
  assert.equal((await turnpike.api('PUT', `${at}/nothing`, {})).status, 400)
})

test('nothing that the gateway answers names the product', async () => {
  await deploy()
  for (const line of ['GET /nothing', 'POST /', 'GET /%00', 'GET http://[', 'CONNECT a:1', 'BAD'])
    assert.doesNotMatch(await ask(line), /turnpike/i, line)
})

test('one is previewed with sample values, and nothing is saved', async () => {
  const response = {
    bodies: [{ contentType: 'application/json', body: '{"at":"${request.host}","why":"${error.type}"}' }],
  }
  const preview = await turnpike.api('POST', `${at}/forbidden/preview`, { response })
  assert.deepEqual(preview.body, {
    status: 403,
    headers: [{ name: 'Content-Type', value: 'application/json' }],
    body: '{"at":"api.localhost","why":"forbidden"}',
  })
  const usual = await turnpike.api('POST', `${at}/forbidden/preview`, {})
  assert.equal(JSON.parse(String(usual.body.body)).status, 403)
  const wrong = await turnpike.api('POST', `${at}/forbidden/preview`, {
    response: { headers: { 'X-A': '${nothing}' } },
  })
  assert.deepEqual([wrong.status, wrong.body.errors?.[0]?.path], [422, '/headers/X-A'])
  const { items } = (await turnpike.api('GET', at)).body
  assert.ok((items as unknown as Json[]).every(({ redefined }) => redefined === null))
})
