import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { mock } from './mock.ts'

const env = fakeEnv()

test('answers with variables filled in', () => {
  const { onRequest } = mock.create(
    {
      status: 201,
      headers: { 'x-who': '${request.clientIp}' },
      body: '{"id":"${request.path.id}","q":"${request.queryString.q}"}',
    },
    env,
  )
  const reply = onRequest?.(exchange({ variables: { id: '7' }, query: 'q=a&q=b' }))
  assert.deepEqual(reply, { status: 201, headers: [['x-who', '192.0.2.1']], body: '{"id":"7","q":"a,b"}' })
})

test('a line break in a header value answers 500', () => {
  const { onRequest } = mock.create({ status: 200, headers: { 'x-who': '${request.path.id}' }, body: '' }, env)
  assert.deepEqual(onRequest?.(exchange({ variables: { id: '%0a' } })), { reply: 'invalid-context-variable' })
})

test('refuses framing headers, bad names and unknown variables, each with its place', () => {
  const problems = mock.check?.(
    { status: 200, headers: { 'content-length': '1', 'a b': '', ok: '${nope}' }, body: '${request.path.x}' },
    { pathVariables: [] },
  )
  assert.deepEqual(
    problems?.map(({ path }) => path),
    ['/headers/content-length', '/headers/a b', '/headers/ok', '/body'],
  )
})
