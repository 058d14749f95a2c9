import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { noOverlay } from '../../src/design/effective.ts'
import { exportOpenApi } from '../../src/design/openapi/export.ts'
import { exportSwagger } from '../../src/design/openapi/export-swagger.ts'
import type { ImportedMethod } from '../../src/design/openapi/imported.ts'
import { planImport } from '../../src/design/openapi/plan.ts'
import { readDesign } from '../../src/design/openapi/read-design.ts'
import { readSource } from '../../src/design/openapi/source.ts'
import { applyPlan, emptyDesign } from '../../src/design/openapi/testdata/apply.ts'
import { createVault } from '../../src/lib/vault.ts'

/**
 * Published documents of different makers, sizes and versions: nothing that a design can hold is lost on the way in, and what
 * it cannot hold is told. What was read is compared with a count that knows nothing of how it is read.
 */

const FOLDER = join(import.meta.dirname, '../fixtures/openapi')
const vault = createVault(Buffer.alloc(32, 1))

/** Each document with the kinds of notes that its import gives. To add one, put it into the folder and add its line. */
const documents: [file: string, notes: string[]][] = [
  ['netlify-0.9.0.yaml', ['security', 'securitySchemes', 'servers', 'trailingSlash']],
  ['netlify.json', ['extension', 'externalDocs', 'security', 'securitySchemes', 'servers', 'trailingSlash']],
  ['kubernetes-1.10.json.gz', ['extension', 'security', 'securitySchemes', 'trailingSlash']],
  ['uspto.yaml', ['servers', 'tagDescriptions']],
  ['shipengine-fulfillment.json', []],
  ['blockfrost.yaml', ['describedElsewhere', 'extension', 'longText', 'security', 'securitySchemes', 'servers']],
  ['authentik.yaml.gz', ['security', 'securitySchemes', 'servers', 'trailingSlash']],
  ['figma.yaml', ['callbacks', 'externalDocs', 'security', 'securitySchemes', 'servers', 'tagDescriptions']],
  ['doppler.json', ['collapsedPath', 'extension', 'renamedOperationId', 'security', 'securitySchemes', 'servers']],
  [
    'scalar-galaxy.yaml',
    ['callbacks', 'extension', 'externalDocs', 'security', 'securitySchemes', 'servers', 'tagDescriptions', 'webhooks'],
  ],
]

for (const [file, notes] of documents)
  describe(file, () => {
    const source = readSource(textOf(file))
    const imported = readDesign(source)
    const plan = planImport(imported, emptyDesign, 'merge', vault)
    const design = applyPlan(emptyDesign, plan)

    test('keeps every path and method, and tells what it does not keep', () => {
      const there = new Set(
        imported.paths.flatMap(({ template, methods }) => methods.map(({ verb }) => `${verb} ${template}`)),
      )
      const wanted = operationsOf(source.value).map(({ verb, path }) => `${verb} ${path}`)
      assert.ok(wanted.length > 0)
      assert.deepEqual([...there].sort(), wanted.sort())
      const collapsed = plan.notes.filter(({ kind }) => kind === 'collapsedPath')
      assert.equal(design.methods.length, wanted.length - collapsed.length)
      assert.deepEqual(
        [...new Set(plan.notes.map(({ kind }) => kind))].filter((kind) => kind !== 'renamedVariable').sort(),
        notes,
      )
    })

    test('keeps every parameter', () => {
      const methods = new Map<string, ImportedMethod>(
        imported.paths.flatMap(({ template, methods: all }) =>
          all.map((method) => [`${method.verb} ${template}`, method] as const),
        ),
      )
      for (const { verb, path, parameters } of operationsOf(source.value)) {
        const method = methods.get(`${verb} ${path}`)
        for (const { name, in: where } of parameters) {
          if (where === 'header' && /^(?:content-type|accept|authorization)$/i.test(name)) continue
          const isThere =
            where === 'body'
              ? method?.requestBody !== null
              : method?.parameters.some(
                  (one) => one.name === name && one.in === (where === 'formData' ? 'form' : where),
                )
          assert.ok(isThere, `${verb} ${path}: ${where} ${name}`)
        }
      }
    })

    test('keeps every body, response and schema', () => {
      const responses = (all: readonly { responses: readonly unknown[] }[]) =>
        all.reduce((sum, one) => sum + one.responses.length, 0)
      const wanted = operationsOf(source.value)
      assert.equal(
        responses(imported.paths.flatMap(({ methods }) => methods)),
        wanted.reduce((sum, { statuses }) => sum + statuses, 0),
      )
      const bodies = imported.paths.flatMap(({ methods }) => methods).filter(({ requestBody }) => requestBody !== null)
      assert.equal(bodies.length, wanted.filter(({ hasBody }) => hasBody).length)
      const { definitions, components } = source.value as { definitions?: object; components?: { schemas?: object } }
      assert.equal(imported.models.length, Object.keys(definitions ?? components?.schemas ?? {}).length)
    })

    for (const [format, write] of Object.entries({ 'OpenAPI 3.1': exportOpenApi, 'Swagger 2.0': exportSwagger }))
      test(`as ${format} comes back as it is`, () => {
        const options = { title: 'T', description: '', version: '1', servers: [], stage: noOverlay, isWhole: true }
        const again = readDesign(readSource(JSON.stringify(write(design, options))))
        assert.deepEqual(planImport(again, design, 'replace', vault).changes, [])
      })
  })

function textOf(file: string): string {
  const bytes = readFileSync(join(FOLDER, file))
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

interface Operation {
  readonly verb: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly statuses: number
  readonly hasBody: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** All operations of a document, by the plainest reading there is. */
function operationsOf(document: Fields): Operation[] {
  const follow = (value: unknown): Fields => {
    const fields = value as Fields
    if (typeof fields.$ref !== 'string') return fields
    const keys = fields.$ref.slice(2).split('/')
    return follow(keys.reduce((found, key) => (found as Fields)[key.replaceAll('~1', '/')] as Fields, document))
  }
  const listOf = (value: unknown) =>
    ((value ?? []) as unknown[]).map(follow) as unknown as { name: string; in: string }[]
  return Object.entries(document.paths as Fields).flatMap(([path, given]) => {
    const item = follow(given)
    return ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'].flatMap((verb): Operation[] => {
      if (item[verb] === undefined) return []
      const operation = item[verb] as Fields
      const parameters = [...listOf(item.parameters), ...listOf(operation.parameters)]
      return [
        {
          verb: verb.toUpperCase(),
          path,
          parameters,
          statuses: Object.keys((operation.responses ?? {}) as Fields).filter((key) => !key.startsWith('x-')).length,
          hasBody:
            operation.requestBody !== undefined || parameters.some((one) => ['body', 'formData'].includes(one.in)),
        },
      ]
    })
  })
}
