import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createVault } from '../../lib/vault.ts'
import { methodDefaults } from '../../model/method.ts'
import type { NodePlugin } from '../../plugins/registry.ts'
import { checkInterface } from '../check-interface.ts'
import { checkModel } from '../check-models.ts'
import { type Design, inOrder } from '../design.ts'
import { noOverlay } from '../effective.ts'
import { exportOpenApi } from './export.ts'
import { exportSwagger } from './export-swagger.ts'
import { sortedInterface } from './interface-order.ts'
import { planImport } from './plan.ts'
import { readDesign } from './read-design.ts'
import { readSource } from './source.ts'
import { applyPlan, emptyDesign } from './testdata/apply.ts'
import { arbitraryDesign } from './testdata/arbitrary-design.ts'

const vault = createVault(Buffer.alloc(32, 1))
const options = { title: 'T', description: '', version: '1', servers: [], stage: noOverlay, isWhole: true }
const writers = { 'OpenAPI 3.1': exportOpenApi, 'Swagger 2.0': exportSwagger }
const read = (text: string) => readDesign(readSource(text))

/** A design without what is given anew: ids, and orders that mean nothing. */
function comparable(design: Design) {
  const { resources, methods, models, gatewayResponses } = inOrder(design)
  const pathOf = new Map(resources.map(({ id, path }) => [id, path]))
  return plain({
    resources: resources.map(({ path, description, plugins }) => ({ path, description, plugins })),
    methods: methods.map(({ id: _, resourceId, ...method }) => ({
      ...method,
      ...sortedInterface(method),
      path: pathOf.get(resourceId),
    })),
    models,
    gatewayResponses,
  })
}

/** Without what JSON does not have either. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

test('the designs that are tried are ones that the rules allow', () => {
  fc.assert(
    fc.property(arbitraryDesign, (design) => {
      const names = new Set(design.models.map(({ name }) => name))
      for (const method of design.methods) assert.deepEqual(checkInterface(method, method.resourceId, names), [])
      for (const model of design.models) assert.deepEqual(checkModel(model, names), [])
    }),
    { numRuns: 50 },
  )
})

describe('API keys', () => {
  const key = (fields: object = {}, options: object = {}): NodePlugin => ({
    plugin: 'key-auth',
    config: { header: 'x-api-key', keep: false, headers: false, ...fields },
    ...options,
  })
  const header = { type: 'apiKey', in: 'header', name: 'x-api-key' }
  const query = { type: 'apiKey', in: 'query', name: 'key' }
  const cases: [what: string, root: NodePlugin[], own: NodePlugin[], schemes?: object, required?: object[]][] = [
    ['no plugin', [], []],
    ['of the root', [key()], [], { 'header-x-api-key': header }, [{ 'header-x-api-key': [] }]],
    ['switched off below', [key()], [{ plugin: 'key-auth', off: true }]],
    ['in shadow', [], [key({}, { mode: 'shadow' })]],
    [
      'in a query parameter, too',
      [],
      [key({ query: 'key' })],
      { 'header-x-api-key': header, 'query-key': query },
      [{ 'header-x-api-key': [] }, { 'query-key': [] }],
    ],
    [
      'under a condition',
      [],
      [key({}, { when: 'request.method == "GET"' })],
      { 'header-x-api-key': header },
      [{}, { 'header-x-api-key': [] }],
    ],
    [
      'a header that is no name of a scheme',
      [],
      [key({ header: "X-Key'1" })],
      { 'header-x-key_1': { ...header, name: "X-Key'1" } },
      [{ 'header-x-key_1': [] }],
    ],
  ]
  const designOf = (root: NodePlugin[], own: NodePlugin[]): Design => ({
    ...emptyDesign,
    resources: [{ id: 'r', serviceId: 's', path: '/', description: '', plugins: root }],
    methods: [{ ...methodDefaults, id: 'm', resourceId: 'r', verb: 'GET', plugins: own }],
  })
  for (const [what, root, own, schemes, required] of cases)
    test(what, () => {
      const design = designOf(root, own)
      const shown = plain(exportOpenApi(design, { ...options, isWhole: false })) as Shown
      assert.deepEqual([shown.components?.securitySchemes, shown.paths['/']?.get?.security], [schemes, required])
      const marked = Object.entries(schemes ?? {}).map(([name, scheme]) => [
        name,
        { ...scheme, 'x-turnpike-implied': true },
      ])
      const whole = plain(exportSwagger(design, options)) as Shown
      assert.deepEqual(whole.securityDefinitions ?? {}, Object.fromEntries(marked))
      assert.deepEqual(whole.paths['/']?.get?.security, required)
    })

  test('that a stage wants are in its document', () => {
    const stage = { plugins: [key()], overlay: [] }
    const shown = plain(exportOpenApi(designOf([], []), { ...options, stage, isWhole: false })) as Shown
    assert.deepEqual(shown.paths['/']?.get?.security, [{ 'header-x-api-key': [] }])
  })

  test('of clients are told as what is not carried over, those of a whole design are its plugins', () => {
    const design = designOf([key()], [])
    const notesOf = (isWhole: boolean) =>
      read(JSON.stringify(exportOpenApi(design, { ...options, isWhole }))).notes.map(({ kind }) => kind)
    assert.deepEqual(notesOf(true), [])
    assert.deepEqual(notesOf(false), ['securitySchemes', 'security'])
  })
})

/** What the tests look at. */
interface Shown {
  readonly components?: { readonly securitySchemes?: object }
  readonly securityDefinitions?: object
  readonly paths: Readonly<Record<string, { readonly get?: { readonly security?: object } }>>
}

for (const [format, write] of Object.entries(writers)) {
  const written = (design: Design) => JSON.stringify(write(design, options), null, 1)

  describe(format, () => {
    test('import(export(x)) is x, in an empty service and in any other', () => {
      fc.assert(
        fc.property(arbitraryDesign, arbitraryDesign, (design, other) => {
          const imported = read(written(design))
          if (format === 'OpenAPI 3.1') assert.deepEqual(imported.notes, [])
          for (const before of [emptyDesign, other]) {
            const after = applyPlan(before, planImport(imported, before, 'replace', vault))
            assert.deepEqual(comparable(after), comparable(design))
          }
        }),
        { numRuns: 50 },
      )
    })

    test('import(export(x)) in x itself changes nothing, whatever the mode', () => {
      fc.assert(
        fc.property(arbitraryDesign, fc.constantFrom('merge', 'replace'), (design, mode) => {
          assert.deepEqual(planImport(read(written(design)), design, mode, vault).changes, [])
        }),
        { numRuns: 50 },
      )
    })

    test('equal designs are equal documents, whatever the order of their parts', () => {
      fc.assert(
        fc.property(arbitraryDesign, (design) => {
          const other = { ...design, resources: design.resources.toReversed(), methods: design.methods.toReversed() }
          assert.equal(written(other), written(design))
        }),
        { numRuns: 20 },
      )
    })
  })
}
