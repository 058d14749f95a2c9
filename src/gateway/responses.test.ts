import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SnapshotResponse } from '../snapshot/snapshot.ts'
import { fillReply } from './answer.ts'
import { type Client, GatewayExchange } from './exchange.ts'
import { compileResponses } from './responses.ts'
import type { StageTable } from './table.ts'

/** What the gateway answers to a path that is not there, with `not-found` redefined. */
function answer(response: SnapshotResponse, { accept = '', host = 'a.example' } = {}) {
  const x = new GatewayExchange({} as Client)
  x.begin(0)
  x.stageTable = {
    stage: { id: 's', service: 'a', name: 'live', hosts: [], variables: {} },
    responses: compileResponses({ 'not-found': response }),
  } as unknown as StageTable
  x.request.headers.clear()
  x.request.host = host
  if (accept !== '') x.request.headers.add('Accept', accept)
  const body = fillReply(x, 'not-found')
  return { status: x.response.status, headers: Object.fromEntries(x.response.headers), body }
}
const plain = { status: null, headers: {}, bodies: [] }

describe('a redefined gateway response', () => {
  test('with nothing in it is the default one', () => {
    const { status, headers, body } = answer(plain)
    assert.deepEqual([status, headers['Content-Type']], [404, 'application/problem+json'])
    assert.equal(JSON.parse(body).code, 'not-found')
  })

  test('with another status says so in the default body too', () => {
    const { status, body } = answer({ ...plain, status: 410 })
    assert.deepEqual([status, JSON.parse(body).status], [410, 410])
  })

  test('has headers and a body with context variables', () => {
    const { headers, body } = answer({
      status: null,
      headers: { 'X-Code': '${error.code}' },
      bodies: [{ contentType: 'text/plain; charset=utf-8', body: '${response.httpStatus} ${error.message}' }],
    })
    assert.deepEqual(headers, { 'X-Code': 'not-found', 'Content-Type': 'text/plain; charset=utf-8' })
    assert.equal(body, '404 No resource is served under this path.')
  })

  test('is picked by Accept, and says that it is', () => {
    const bodies = [
      { contentType: 'application/json', body: '{}' },
      { contentType: 'text/html', body: '<p>' },
    ]
    assert.equal(answer({ ...plain, bodies }).body, '{}')
    const { headers, body } = answer({ ...plain, bodies }, { accept: 'text/html' })
    assert.deepEqual([body, headers.Vary], ['<p>', 'Accept'])
  })

  const hostile = `"</p>&'\n`
  const escaped: [contentType: string, body: string][] = [
    ['application/json', JSON.stringify(hostile).slice(1, -1)],
    ['application/problem+json', JSON.stringify(hostile).slice(1, -1)],
    ['text/html', '&#34;&#60;/p&#62;&#38;&#39;\n'],
    ['application/xml', '&#34;&#60;/p&#62;&#38;&#39;\n'],
    ['image/svg+xml', '&#34;&#60;/p&#62;&#38;&#39;\n'],
    ['text/plain', hostile],
  ]
  for (const [contentType, wanted] of escaped) {
    test(`escapes values for ${contentType}`, () => {
      const { body } = answer({ ...plain, bodies: [{ contentType, body: '${request.host}' }] }, { host: hostile })
      assert.equal(body, wanted)
    })
  }

  test('whose header could not go on a wire is the default one', () => {
    const { headers, body } = answer({ ...plain, headers: { 'X-Host': '${request.host}' } }, { host: 'a\r\nX-B: c' })
    assert.deepEqual(headers, { 'Content-Type': 'application/problem+json' })
    assert.equal(JSON.parse(body).code, 'not-found')
  })
})
