import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createVault } from '../../lib/vault.ts'
import type { Design } from '../design.ts'
import { type ImportMode, type ImportPlan, planImport } from './plan.ts'
import { readDesign } from './read-design.ts'
import { readSource } from './source.ts'
import { applyPlan, emptyDesign as empty } from './testdata/apply.ts'

const vault = createVault(Buffer.alloc(32, 1))
const apply = applyPlan
const plan = (document: object, design: Design, mode: ImportMode) =>
  planImport(readDesign(readSource(JSON.stringify(document))), design, mode, vault)
const outline = ({ resources, methods }: Design) =>
  resources
    .flatMap(({ id, path }) =>
      methods.filter(({ resourceId }) => resourceId === id).map(({ verb, name }) => `${verb} ${path} ${name}`),
    )
    .sort()
const isEmpty = ({ changes }: ImportPlan) => changes.length === 0

const operation = fc.record({ summary: fc.constantFrom('one', 'two'), deprecated: fc.boolean() })
const documents = fc
  .dictionary(
    fc.constantFrom('/', '/a', '/a/b', '/a/{x}', '/a/{x}/c', '/d/{rest+}'),
    fc.dictionary(fc.constantFrom('get', 'post', 'delete'), operation),
  )
  .map((paths) => ({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths }))

describe('properties', () => {
  test('replace makes the design what the document says, and a second time nothing', () => {
    fc.assert(
      fc.property(documents, documents, (first, second) => {
        const before = apply(empty, plan(first, empty, 'replace'))
        const after = apply(before, plan(second, before, 'replace'))
        assert.deepEqual(outline(after), outline(apply(empty, plan(second, empty, 'merge'))))
        assert.ok(isEmpty(plan(second, after, 'replace')))
      }),
    )
  })

  test('merge loses nothing, and a second time changes nothing', () => {
    fc.assert(
      fc.property(documents, documents, (first, second) => {
        const before = apply(empty, plan(first, empty, 'merge'))
        const after = apply(before, plan(second, before, 'merge'))
        const keys = (design: Design) => new Set(outline(design).map((line) => line.split(' ').slice(0, 2).join(' ')))
        for (const key of [...keys(before), ...keys(apply(empty, plan(second, empty, 'merge')))])
          assert.ok(keys(after).has(key), key)
        assert.ok(isEmpty(plan(second, after, 'merge')))
      }),
    )
  })
})

test('a document keeps all its operations', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../examples/travel.yaml'), 'utf8')
  const source = readSource(text)
  const paths = source.value.paths as Record<string, object>
  const wanted = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => ['get', 'post', 'put', 'patch', 'delete'].includes(key))
      .map((key) => `${key.toUpperCase()} ${path}`),
  )
  const got = outline(apply(empty, planImport(readDesign(source), empty, 'merge', vault))).map((line) =>
    line.split(' ').slice(0, 2).join(' '),
  )
  assert.deepEqual(got.sort(), wanted.sort())
})

test('10,000 operations are planned without waiting', () => {
  const paths = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`/r${i}/{id}`, { get: {}, put: {} }]))
  const source = readSource(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths }))
  const { create } = planImport(readDesign(source), empty, 'merge', vault)
  assert.equal(create.flatMap(({ methods }) => methods).length, 10_000)
})
