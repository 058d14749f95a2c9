import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { responseTransformer } from './response-transformer.ts'

const noHeaders = { set: {}, add: {}, rename: {}, remove: [] }
interface Changes {
  set?: Record<string, unknown>
  remove?: string[]
}

function bodyOf(json: Changes) {
  const config = { headers: noHeaders, json: { set: {}, remove: [], maxBytes: 1000, ...json } }
  return responseTransformer.create(config, fakeEnv()).responseBody
}

/** Runs the plugin on a body and gives back what goes out: the body, or the code of the answer instead. */
function transform(json: Changes, body: string, headers: Record<string, string> = {}): string {
  const x = exchange()
  for (const [name, value] of Object.entries({ 'content-type': 'application/json', ...headers }))
    x.response.headers.add(name, value)
  const result = bodyOf(json)?.transform(x, Buffer.from(body))
  return result instanceof Buffer ? result.toString() : ((result as { reply: string } | undefined)?.reply ?? 'nothing')
}

const bodies: readonly [title: string, json: Changes, before: string, after: string][] = [
  ['sets a member', { set: { '/a': 1 } }, '{}', '{"a":1}'],
  ['replaces a member', { set: { '/a': { b: 1 } } }, '{"a":2,"c":3}', '{"a":{"b":1},"c":3}'],
  ['makes what is missing on the way', { set: { '/a/b/c': 1 } }, '{}', '{"a":{"b":{"c":1}}}'],
  ['sets an item', { set: { '/a/1': 9 } }, '{"a":[1,2,3]}', '{"a":[1,9,3]}'],
  ['appends', { set: { '/a/-': 9 } }, '{"a":[1]}', '{"a":[1,9]}'],
  ['does not reach beyond a list', { set: { '/a/5': 9 } }, '{"a":[1]}', '{"a":[1]}'],
  ['does not go through a text', { set: { '/a/b': 9 } }, '{"a":"x"}', '{"a":"x"}'],
  ['removes a member', { remove: ['/a'] }, '{"a":1,"b":2}', '{"b":2}'],
  ['removes an item', { remove: ['/a/0'] }, '{"a":[1,2]}', '{"a":[2]}'],
  ['removes deep down', { remove: ['/a/0/b'] }, '{"a":[{"b":1,"c":2}]}', '{"a":[{"c":2}]}'],
  ['removes what is not there', { remove: ['/x/y'] }, '{"a":1}', '{"a":1}'],
  ['removes last', { set: { '/a': 1 }, remove: ['/a'] }, '{"b":1}', '{"b":1}'],
  ['reads escapes', { remove: ['/a~1b', '/c~0d'] }, '{"a/b":1,"c~d":2,"e":3}', '{"e":3}'],
  ['takes a prototype for a name', { set: { '/__proto__/x': 1 } }, '{}', '{"__proto__":{"x":1}}'],
  ['takes lists at the top', { remove: ['/0/a'] }, '[{"a":1,"b":2}]', '[{"b":2}]'],
  ['refuses what is not JSON', { remove: ['/a'] }, '<html>', 'backend-malformed'],
]
describe('bodies', () => {
  for (const [title, json, before, after] of bodies) test(title, () => assert.equal(transform(json, before), after))

  test('a coded body is not let through', () =>
    assert.equal(transform({ remove: ['/a'] }, '{"a":1}', { 'content-encoding': 'gzip' }), 'backend-malformed'))

  test('the prototype of all objects stays as it is', () => {
    transform({ set: { '/__proto__/polluted': 1, '/constructor/prototype/polluted': 1 } }, '{}')
    assert.equal('polluted' in {}, false)
  })

  for (const [type, wanted] of [
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['application/problem+json', true],
    ['text/html', false],
    ['application/jsonlines', false],
    ['', false],
  ] as const) {
    test(`${type === '' ? 'no type' : type} is ${wanted ? '' : 'not '}JSON`, () => {
      const x = exchange()
      if (type !== '') x.response.headers.add('content-type', type)
      assert.equal(bodyOf({ remove: ['/a'] })?.wants(x), wanted)
    })
  }

  test('without changes of the body it streams', () => assert.equal(bodyOf({}), undefined))
})

test('headers of the answer are changed', () => {
  const x = exchange({ variables: { id: '7' } })
  x.response.headers.add('server', 'backend')
  const headers = { ...noHeaders, set: { 'x-id': '${request.path.id}' }, remove: ['Server'] }
  const { onResponse } = responseTransformer.create({ headers, json: { set: {}, remove: [], maxBytes: 1 } }, fakeEnv())
  onResponse?.(x)
  assert.deepEqual([...x.response.headers], [['x-id', '7']])
})

test('what is not a pointer is refused with its place', () => {
  const problems = responseTransformer.check?.(
    { headers: noHeaders, json: { set: { a: 1, '/b~2': 1 }, remove: ['', '/ok'], maxBytes: 1 } },
    { pathVariables: [] },
  )
  assert.deepEqual(
    problems?.map(({ path }) => path),
    ['/json/set/a', '/json/set/~1b~02', '/json/remove/0'],
  )
})
