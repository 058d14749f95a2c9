import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { requestId } from './request-id.ts'

const made = '00112233445566778899aabbccddeeff'
const cases: [title: string, trustClient: boolean, sent: string | null, id: string][] = [
  ['makes one', true, null, made],
  ["keeps the client's", true, 'abc-1', 'abc-1'],
  ["replaces the client's where it is not trusted", false, 'abc-1', made],
  ['replaces one with strange characters', true, 'a b"', made],
  ['replaces one that is too long', true, 'a'.repeat(129), made],
]
for (const [title, trustClient, sent, id] of cases) {
  test(title, () => {
    const x = exchange({ headers: sent === null ? {} : { 'X-Request-Id': sent } })
    const { onRequest, onResponse } = requestId.create({ header: 'x-request-id', trustClient, echo: true }, fakeEnv())
    onRequest?.(x)
    onResponse?.(x)
    assert.equal(x.id, id)
    assert.deepEqual(x.request.headers.getAll('x-request-id'), [id])
    assert.equal(x.response.headers.get('x-request-id'), id)
  })
}

test('does not echo where it is not to', () => {
  assert.equal(requestId.create({ header: 'x', trustClient: false, echo: false }, fakeEnv()).onResponse, undefined)
})

test('refuses a header name that is none', () => {
  assert.equal(
    requestId.check?.({ header: 'a b', trustClient: false, echo: true }, { pathVariables: [] })[0]?.path,
    '/header',
  )
})
