import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { readDesign } from '../../src/design/openapi/read-design.ts'
import { readSource } from '../../src/design/openapi/source.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The management API's own OpenAPI document: valid, and complete for whoever generates a client of it. */

type Fields = Readonly<Record<string, unknown>>
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly 'x-permission': string
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[]
  readonly responses: Readonly<Record<string, { description: string; content?: Record<string, Fields> }>>
}

let turnpike: Turnpike
let document: { readonly paths: Record<string, Record<string, Operation>> } & Fields
let operations: { readonly name: string; readonly path: string; readonly operation: Operation }[]
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  document = (await turnpike.api('GET', '/openapi.json')).body as unknown as typeof document
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => ({ name: `${verb} ${path}`, path, operation })),
  )
  assert.ok(operations.length > 70)
})
after(() => turnpike.stop())

test('is valid by the schema of the OpenAPI Initiative', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(structuredClone(document))
  assert.equal(validator.version, '3.1')
  assert.ok(valid, JSON.stringify(errors))
})

test('names every operation once, in a way that clients can be generated from', () => {
  const ids = operations.map(({ operation }) => operation.operationId)
  assert.deepEqual(
    ids.filter((id, i) => !/^[a-z][A-Za-z]{3,60}$/.test(id) || ids.indexOf(id) !== i),
    [],
  )
})

test('says in words what each pattern wants', () => {
  const unsaid: string[] = []
  JSON.stringify(document, (key, value) => {
    if (typeof value?.pattern === 'string' && typeof value['x-expected'] !== 'string' && key !== 'properties')
      unsaid.push(`${key}: ${value.pattern}`)
    return value
  })
  assert.deepEqual(unsaid, [])
})

test('says of every operation what it does, what it takes and who may', () => {
  for (const { name, path, operation } of operations) {
    assert.ok(operation.summary.length > 5, name)
    assert.equal(operation.tags.length, 1, name)
    assert.match(operation['x-permission'], /^(?:public|authenticated|read|write|admin)$/, name)
    const described = new Set(operation.parameters?.map((parameter) => parameter.name))
    for (const [, variable = ''] of path.matchAll(/\{([^}]+)\}/g))
      assert.ok(described.has(variable), `${name} ${variable}`)
    for (const parameter of operation.parameters ?? []) assert.ok(parameter.description, `${name} ${parameter.name}`)
  }
})

test('says of every answer what it means, and of every error its code, with an example', () => {
  for (const { name, operation } of operations) {
    const statuses = Object.keys(operation.responses)
    assert.ok(
      statuses.some((status) => status.startsWith('2')),
      name,
    )
    assert.ok(statuses.includes('500'), name)
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      assert.ok(description !== '', `${name} ${status}`)
      if (Number(status) < 400) continue
      const problem = content?.['application/problem+json'] ?? assert.fail(`${name} ${status} has no problem details`)
      const examples = problem.examples as Record<string, { value: { code: string } }>
      assert.ok(Object.keys(examples).length > 0, `${name} ${status}`)
      for (const [code, { value }] of Object.entries(examples)) assert.equal(value.code, code, `${name} ${status}`)
    }
  }
})

describe('examples', () => {
  test('are what their schemas allow', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, useDefaults: true })
    addFormats.default(ajv)
    let count = 0
    walk(document, '', (schema, pointer) => {
      const { examples, ...rest } = schema
      if (!Array.isArray(examples) || JSON.stringify(rest).includes('#/components/')) return
      const validate = ajv.compile(rest)
      for (const example of examples) {
        count++
        assert.ok(validate(example), `${pointer}: ${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`)
      }
    })
    assert.ok(count > 100, `${count} examples`)
  })
})

test('can be imported by the program itself', () => {
  const { paths, notes } = readDesign(readSource(JSON.stringify(document)))
  assert.equal(paths.flatMap(({ methods }) => methods).length, operations.length)
  assert.deepEqual(
    notes.map(({ kind }) => kind).filter((kind) => !['security', 'securitySchemes', 'extension'].includes(kind)),
    [],
  )
})

function walk(value: unknown, pointer: string, visit: (schema: Fields, pointer: string) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) visit(value as Fields, pointer)
  for (const [key, member] of Object.entries(value)) if (key !== 'examples') walk(member, `${pointer}/${key}`, visit)
}
