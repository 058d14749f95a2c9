import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ExchangeParts, exchange, fakeEnv } from './fake-exchange.ts'
import { requestTransformer } from './request-transformer.ts'

const none = { set: {}, add: {}, rename: {}, remove: [] }
type Headers = Partial<{
  set: Record<string, string>
  add: Record<string, string>
  rename: Record<string, string>
  remove: string[]
}>
type Query = Partial<{ set: Record<string, string>; add: Record<string, string>; remove: string[] }>

/** Runs the plugin on an exchange and gives back what it made of it. */
function run({ headers = {}, query = {} }: { headers?: Headers; query?: Query }, parts: ExchangeParts) {
  const x = exchange(parts)
  const { onRequest } = requestTransformer.create(
    { headers: { ...none, ...headers }, query: { set: {}, add: {}, remove: [], ...query } },
    fakeEnv(),
  )
  const reply = onRequest?.(x)
  return { x, reply, headers: [...x.request.headers].map(([name, value]) => `${name}: ${value}`).join(', ') }
}

const headerCases: [title: string, change: Headers, before: Record<string, string>, after: string][] = [
  ['sets a header', { set: { 'x-a': '1' } }, {}, 'x-a: 1'],
  ['set replaces', { set: { 'X-A': '2' } }, { 'x-a': '1' }, 'X-A: 2'],
  ['adds beside what is there', { add: { 'x-a': '2' } }, { 'x-a': '1' }, 'x-a: 1, x-a: 2'],
  ['renames', { rename: { 'X-A': 'x-b' } }, { 'x-a': '1' }, 'x-b: 1'],
  ['removes last', { set: { 'x-a': '1' }, remove: ['X-A'] }, { 'x-b': '1' }, 'x-b: 1'],
  ['uses variables', { set: { 'x-a': '${request.clientIp} ${request.path.id}' } }, {}, 'x-a: 192.0.2.1 a/b'],
]
describe('headers', () => {
  for (const [title, headers, before, after] of headerCases) {
    test(title, () => assert.equal(run({ headers }, { headers: before, variables: { id: 'a%2Fb' } }).headers, after))
  }
})

const queryCases: [title: string, change: Query, before: string, after: string][] = [
  ['sets a parameter', { set: { a: '1' } }, '', 'a=1'],
  ['set replaces all of a name', { set: { a: '3' } }, 'a=1&b=2&a=2', 'b=2&a=3'],
  ['adds', { add: { a: '2' } }, 'a=1', 'a=1&a=2'],
  ['encodes', { add: { 'a b': '&=#' } }, '', 'a%20b=%26%3D%23'],
  ['removes by decoded name', { remove: ['a b'] }, 'a+b=1&a%20b=2&c=%7e', 'c=%7e'],
  ['leaves the others byte for byte', { remove: ['x'] }, 'a=%7e&x&b', 'a=%7e&b'],
]
describe('query', () => {
  for (const [title, query, before, after] of queryCases) {
    test(title, () => assert.equal(run({ query }, { query: before }).x.request.query, after))
  }
})

test('a line break in a value stops the request', () => {
  const { reply, headers } = run(
    { headers: { set: { 'x-a': '${request.path.id}' } } },
    { variables: { id: '%0d%0aX-Admin: 1' } },
  )
  assert.equal((reply as { reply: string }).reply, 'invalid-context-variable')
  assert.equal(headers, '')
})

const refused: [title: string, headers: Headers, path: string][] = [
  ['framing', { set: { 'Content-Length': '5' } }, '/headers/set/Content-Length'],
  ['hop-by-hop', { add: { connection: 'x' } }, '/headers/add/connection'],
  ['a name that is none', { remove: ['a b'] }, '/headers/remove/0'],
  ['renaming to framing', { rename: { 'x-a': 'transfer-encoding' } }, '/headers/rename/x-a'],
  ['an unknown variable', { set: { 'x-a': '${request.nothing}' } }, '/headers/set/x-a'],
  ['a path variable that the path does not have', { set: { 'x-a': '${request.path.nope}' } }, '/headers/set/x-a'],
]
describe('refuses', () => {
  for (const [title, headers, path] of refused) {
    test(title, () => {
      const problems =
        requestTransformer.check?.(
          { headers: { ...none, ...headers }, query: { set: {}, add: {}, remove: [] } },
          { pathVariables: ['id'] },
        ) ?? []
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      )
    })
  }
})
