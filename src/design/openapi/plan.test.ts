import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Tree } from '../design.ts'
import { type ImportMode, type ImportPlan, planImport } from './plan.ts'
import { readOpenApi } from './read.ts'

let lastId = 0

/** Applies a plan to a design in memory, as the use case does to the store. */
function apply(design: Tree, plan: ImportPlan): Tree {
  const id = () => `id-${++lastId}`
  const created = plan.create.map(({ path, description, methods }) => ({
    resource: { id: id(), serviceId: 's', path, description, plugins: [] },
    methods,
  }))
  const removed = new Set(plan.update.flatMap(({ remove }) => remove))
  const gone = new Set(plan.remove)
  const updated = new Map(plan.update.flatMap(({ update }) => update.map(({ methodId, method }) => [methodId, method])))
  const described = new Map(plan.update.map(({ resourceId, description }) => [resourceId, description]))
  return {
    resources: [
      ...design.resources
        .filter((resource) => !gone.has(resource.id))
        .map((resource) => ({ ...resource, description: described.get(resource.id) ?? resource.description })),
      ...created.map(({ resource }) => resource),
    ],
    methods: [
      ...design.methods
        .filter((method) => !removed.has(method.id) && !gone.has(method.resourceId))
        .map((method) => ({ ...method, ...updated.get(method.id) })),
      ...created.flatMap(({ resource, methods }) =>
        methods.map((method) => ({ ...method, id: id(), resourceId: resource.id })),
      ),
      ...plan.update.flatMap(({ resourceId, create }) => create.map((method) => ({ ...method, id: id(), resourceId }))),
    ],
  }
}

const empty: Tree = {
  resources: [{ id: 'root', serviceId: 's', path: '/', description: '', plugins: [] }],
  methods: [],
}
const plan = (document: object, design: Tree, mode: ImportMode) =>
  planImport(readOpenApi(JSON.stringify(document)), design, mode)
const outline = ({ resources, methods }: Tree) =>
  resources
    .flatMap(({ id, path }) =>
      methods.filter(({ resourceId }) => resourceId === id).map(({ verb, name }) => `${verb} ${path} ${name}`),
    )
    .sort()
const isEmpty = ({ create, update, remove }: ImportPlan) => create.length + update.length + remove.length === 0

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
        const keys = (design: Tree) => new Set(outline(design).map((line) => line.split(' ').slice(0, 2).join(' ')))
        for (const key of [...keys(before), ...keys(apply(empty, plan(second, empty, 'merge')))])
          assert.ok(keys(after).has(key), key)
        assert.ok(isEmpty(plan(second, after, 'merge')))
      }),
    )
  })
})

test('a published document keeps all its operations', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../examples/train-travel.yaml'), 'utf8')
  const source = readOpenApi(text)
  const paths = source.value.paths as Record<string, object>
  const wanted = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => ['get', 'post', 'put', 'patch', 'delete'].includes(key))
      .map((key) => `${key.toUpperCase()} ${path}`),
  )
  const got = outline(apply(empty, planImport(source, empty, 'merge'))).map((line) =>
    line.split(' ').slice(0, 2).join(' '),
  )
  assert.deepEqual(got.sort(), wanted.sort())
})

test('10,000 operations are planned without waiting', () => {
  const paths = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`/r${i}/{id}`, { get: {}, put: {} }]))
  const source = readOpenApi(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths }))
  const { create } = planImport(source, empty, 'merge')
  assert.equal(create.flatMap(({ methods }) => methods).length, 10_000)
})
