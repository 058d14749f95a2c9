import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countNodes, groupChanges, placeOf } from '../../../console/src/features/deployments/change-groups.ts'
import { stateOfDomain } from '../../../console/src/features/stage/settings/domain-state.ts'
import { fromRows, sameRows, toRows } from '../../../console/src/features/stage/settings/variable-rows.ts'
import { routesOfDocument, routesOfSnapshot } from '../../../console/src/features/try/routes-of.ts'

/** What the views of stages work out by themselves. */

test('changes are grouped by node; a node that is there as a whole is new', () => {
  const change = (node: string, field: string, kind: 'added' | 'changed') => ({
    kind,
    node,
    field,
    before: null,
    after: 1,
    text: '',
  })
  const groups = groupChanges([
    change('/a', '', 'added'),
    change('GET /b', '/x', 'added'),
    change('GET /b', '/y', 'changed'),
  ])
  assert.deepEqual(
    groups.map(({ node, changes }) => [node, changes.length]),
    [
      ['/a', 1],
      ['GET /b', 2],
    ],
  )
  assert.deepEqual(countNodes(groups), { added: 1, removed: 0, changed: 1 })
})

test('a pointer is read as words', () => {
  assert.equal(placeOf('/overlay/GET ~1pets/plugins/a~0b'), 'overlay › GET /pets › plugins › a~b')
})

test('variables are rows, and the same variables again', () => {
  const variables = { a: '1', b: '' }
  const rows = toRows(variables)
  assert.deepEqual(fromRows(rows), variables)
  assert.ok(sameRows([...rows, { key: 9, name: '', value: 'typed' }], variables))
  assert.ok(!sameRows(rows, { a: '1' }))
  assert.deepEqual(fromRows([...rows, { key: 9, name: 'a', value: '2' }]), variables)
})

const now = new Date('2026-01-01T00:00:00Z')
const certificate = (names: string[], notAfter = '2027-01-01T00:00:00Z') => ({ names, notAfter }) as never
const domains: readonly (readonly [string, readonly never[], string])[] = [
  ['api.example.com', [certificate(['api.example.com'])], 'valid'],
  ['api.example.com', [certificate(['*.example.com'])], 'valid'],
  ['a.b.example.com', [certificate(['*.example.com'])], 'noCertificate'],
  ['api.example.com', [certificate(['api.example.com'], '2025-01-01T00:00:00Z')], 'expired'],
]
for (const [domain, items, state] of domains) {
  test(`${domain}: ${state}`, () => assert.equal(stateOfDomain(domain, { items: [...items] }, now), state))
}

const document = {
  paths: {
    '/pets/{id}': {
      get: {
        summary: 'Read a pet',
        parameters: [
          { name: 'id', in: 'path', required: true },
          { name: 'full', in: 'query', required: true, schema: { default: 1 } },
        ],
      },
      'x-turnpike-any': { requestBody: { content: { 'text/csv': {} } } },
    },
  },
}

test('the routes of a document, with their parameters and content types', () => {
  const [get, any] = routesOfDocument(document)
  assert.deepEqual(get?.parameters, [{ name: 'full', in: 'query', isRequired: true, description: '', example: '1' }])
  assert.deepEqual([any?.verb, any?.contentTypes], ['ANY', ['text/csv']])
})

test('the routes of a snapshot are all that it has, with what the document says of them', () => {
  const routes = [
    { pattern: '/pets/{id}', method: 'GET' },
    { pattern: '/gone', method: 'GET' },
    { pattern: '/gone', method: 'OPTIONS', isImplied: true },
  ]
  assert.deepEqual(
    routesOfSnapshot({ routes }, document).map(({ verb, pattern, summary }) => [verb, pattern, summary]),
    [
      ['GET', '/pets/{id}', 'Read a pet'],
      ['GET', '/gone', ''],
    ],
  )
})
