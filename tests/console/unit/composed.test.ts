import assert from 'node:assert/strict'
import { test } from 'node:test'
import { curlOf, explainOf, hideCredentials } from '../../../console/src/features/try/commands.ts'
import { fieldsOf, fromSearch, toSearch } from '../../../console/src/features/try/composed.ts'

const composed = {
  pattern: '/pets/{id}',
  method: 'POST',
  path: '/pets/1',
  query: [{ name: 'full', value: 'a b&c' }],
  headers: [{ name: 'Accept', value: 'text/html' }],
  body: '{"name":"Kitty"}',
}

test('a request stands in the address, and is read from it as it was', () => {
  assert.deepEqual(fromSearch(toSearch(composed)), composed)
})

for (const name of ['Authorization', 'Cookie', 'x-api-key', 'X-Auth-Token', 'client-secret']) {
  test(`${name} never gets into the address, nor into a command that others may see`, () => {
    const headers = [{ name, value: 'marked' }]
    assert.doesNotMatch(
      JSON.stringify(toSearch({ ...composed, headers, query: [{ name, value: 'marked' }] })),
      /marked/,
    )
    assert.doesNotMatch(curlOf('http://a', { ...composed, target: '/', headers: hideCredentials(headers) }), /marked/)
  })
}

test('a body that says no type gets one', () => {
  const typeOf = (body: string, headers = composed.headers) =>
    fieldsOf({ headers, body }).find(({ name }) => name.toLowerCase() === 'content-type')?.value
  assert.equal(typeOf('{"a":1}'), 'application/json')
  assert.equal(typeOf('a=1'), 'text/plain; charset=utf-8')
  assert.equal(
    typeOf('a=1', [{ name: 'content-type', value: 'application/x-www-form-urlencoded' }]),
    'application/x-www-form-urlencoded',
  )
  assert.equal(typeOf(''), undefined)
})

test('commands are quoted for a shell', () => {
  const request = { method: 'POST', target: '/a?b=1', headers: [{ name: 'X', value: "it's" }], body: "{'}" }
  assert.equal(
    curlOf('http://a:1', request),
    `curl -i -X POST 'http://a:1/a?b=1' \\\n  -H 'X: it'\\''s' \\\n  --data-binary '{'\\''}'`,
  )
  assert.equal(
    explainOf({ stage: 's/live', against: '3', call: true }, { ...request, headers: [], body: '' }),
    `turnpike explain s/live POST '/a?b=1' \\\n  --against 3 \\\n  --call`,
  )
})
