import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { readYaml } from '../../lib/yaml.ts'
import { arbitrarySetup } from './arbitrary-setup.ts'
import { schemaFile, schemaText } from './golden.ts'
import { publishedSchema } from './published-schema.ts'

const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(publishedSchema())
const example = join(import.meta.dirname, '../../../examples/turnpike.yaml')

test('the schema in docs/reference is this one', () =>
  assert.equal(readFileSync(schemaFile, 'utf8'), schemaText(), 'it is stale: run "npm run golden"'))

test('it takes what is exported', () =>
  fc.assert(fc.property(arbitrarySetup, (setup) => assert.ok(isValid(setup), JSON.stringify(isValid.errors)))))

test('it takes the example, with its references to the environment', () => {
  const [document] = readYaml(readFileSync(example, 'utf8')).documents
  assert.ok(isValid(document?.value), JSON.stringify(isValid.errors))
})

test('it takes references to the environment where a value is wanted', () => {
  const values = { primary: '${env:ACME_KEY}' }
  assert.ok(isValid({ turnpike: 1, keys: { Acme: { values } } }), JSON.stringify(isValid.errors))
})

describe('it refuses', () => {
  const stage = (fields: object) => ({ turnpike: 1, services: { a: { stages: { live: fields } } } })
  const cases: [what: string, document: object][] = [
    ['a document without version', {}],
    ['a field that is none', stage({ isdefault: true })],
    ['a type that does not fit', stage({ isDefault: 'yes' })],
    ['a URL that is none', stage({ backend: { targets: [{ url: 'ftp://a' }] } })],
    ['a plugin that is none', stage({ plugins: [{ plugin: 'nope' }] })],
    ['a setting that is none', stage({ plugins: [{ plugin: 'request-id', config: { nope: 1 } }] })],
    ['a name that is none', { turnpike: 1, services: { 'A b': {} } }],
    ['a rate that is none', { turnpike: 1, plans: { gold: { requestsPerSecond: 0 } } }],
    ['a stage without its service', { turnpike: 1, plans: { gold: { stages: ['live'] } } }],
    ['a value that is too short', { turnpike: 1, keys: { Acme: { values: { primary: 'short' } } } }],
  ]
  for (const [what, document] of cases) test(what, () => assert.ok(!isValid(document)))
})
