import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { moved } from '../../../console/src/forms/fields/use-keys.ts'
import { parseJson, writeJson } from '../../../console/src/forms/json-text.ts'
import {
  alternativeOf,
  asSchema,
  at,
  type FieldKind,
  isObject,
  type JsonSchema,
  kindOf,
  memberSchema,
  resolve,
  titleOf,
  typeOf,
  unitOf,
  withMember,
  withoutNull,
} from '../../../console/src/forms/schema.ts'
import { plugins } from '../../../src/plugins/registry.ts'

/** Every setting of every plugin, down to the last one, with where it is. */
function settings(schema: JsonSchema, path: string): { path: string; schema: JsonSchema }[] {
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => settings(one, at(path, name)))
  const items = schema.items === undefined ? [] : settings(schema.items, `${path}/0`)
  return [{ path, schema }, ...members, ...items]
}
const everySetting = plugins.flatMap(({ name, config }) => settings(asSchema(config), name))

test('every setting of every plugin has a field of its own, but for what may be any JSON', () => {
  const asJson = everySetting.filter(({ schema }) => kindOf(schema) === 'json').map(({ path }) => path)
  assert.deepEqual(asJson, [])
})

test('every number whose name does not say it all has its unit from its description', () => {
  const withoutUnit = everySetting.filter(
    ({ schema }) => ['integer', 'number'].includes(typeOf(schema) ?? '') && unitOf(schema) === null,
  )
  const seconds = withoutUnit.filter(({ schema }) => /second|byte/i.test(schema.description ?? ''))
  assert.deepEqual(seconds, [])
})

describe('the kind of a field', () => {
  const cases: readonly [FieldKind, JsonSchema][] = [
    ['text', { type: 'string' }],
    ['lines', { type: 'string', maxLength: 65_536 }],
    ['lines', { type: 'string', pattern: '-----BEGIN ' }],
    ['secret', { type: 'string', writeOnly: true, maxLength: 65_536 }],
    ['choice', { enum: [301, 302] }],
    ['json', { enum: [{}, []] }],
    ['number', { type: ['integer', 'null'] }],
    ['switch', { type: 'boolean' }],
    ['texts', { type: 'array', items: { type: 'integer' } }],
    ['choices', { type: 'array', items: { enum: ['a', 'b'] } }],
    ['cards', { type: 'array', items: { type: 'object', properties: {} } }],
    ['json', { type: 'array', items: { type: 'array' } }],
    ['json', { type: 'array', items: { type: 'string', writeOnly: true } }],
    ['record', { type: 'object', patternProperties: { '^.*$': {} } }],
    ['record', { type: 'object', additionalProperties: { type: 'string' } }],
    ['object', { type: 'object', properties: { a: {} } }],
    ['one-member', { type: 'object', properties: { a: {}, b: {} }, minProperties: 1, maxProperties: 1 }],
    ['union', { oneOf: [{ type: 'string' }, { type: 'number' }] }],
    ['json', {}],
    ['json', { type: 'object' }],
  ]
  for (const [kind, schema] of cases)
    test(`${kind}: ${JSON.stringify(schema)}`, () => assert.equal(kindOf(schema), kind))
})

describe('the unit of a number', () => {
  const cases: readonly [string, string | null][] = [
    ['Seconds to connect to the backend.', 's'],
    ['In bytes, 10 MiB by default; 0 lets no body through.', 'bytes'],
    ['Percent of the calls that must have failed.', '%'],
    ['How many may be open at once.', null],
  ]
  for (const [description, unit] of cases) test(description, () => assert.equal(unitOf({ description }), unit))
})

test('null is taken off a schema, and known to be possible', () => {
  const text: JsonSchema = { type: 'string', minLength: 1 }
  const { schema, isNullable } = withoutNull({ title: 'Name', anyOf: [text, { type: 'null' }] })
  assert.deepEqual(schema, { title: 'Name', type: 'string', minLength: 1 })
  assert.equal(isNullable, true)
  assert.equal(withoutNull({ type: ['integer', 'null'] }).isNullable, true)
  assert.deepEqual(withoutNull(text), { schema: text, isNullable: false })
})

test('a reference leads to its schema, and keeps what stands beside it', () => {
  const root = asSchema({ $defs: { 'a/b': { type: 'string', title: 'There' } } })
  assert.deepEqual(resolve({ $ref: '#/$defs/a~1b', title: 'Here' }, root), { type: 'string', title: 'Here' })
  assert.deepEqual(resolve({ $ref: '#/$defs/none' }, root), { $ref: '#/$defs/none' })
})

test('a kind is found by its name, else by what fits best', () => {
  const schema: JsonSchema = {
    discriminator: { propertyName: 'kind' },
    oneOf: [{ properties: { kind: { const: 'a' } } }, { properties: { kind: { const: 'b' } } }],
  }
  assert.equal(
    alternativeOf(schema, { kind: 'b' }, () => 0),
    1,
  )
  const fits = (one: JsonSchema) => (one.type === 'number' ? 0 : 1)
  assert.equal(alternativeOf({ anyOf: [{ type: 'string' }, { type: 'number' }] }, 1, fits), 1)
})

test('a member is set in its place, and nothing else is touched', () => {
  assert.equal(JSON.stringify(withMember({ a: 1, b: 2, c: 3 }, 'b', 4)), '{"a":1,"b":4,"c":3}')
  assert.equal(JSON.stringify(withMember({ a: 1, b: 2, c: 3 }, 'b', undefined)), '{"a":1,"c":3}')
})

test('what has no title is called by its name', () => {
  assert.equal(titleOf({}, 'maxBodyBytes'), 'Max body bytes')
  assert.equal(titleOf({ title: 'Largest body' }, 'maxBodyBytes'), 'Largest body')
})

test('a moved item keeps all others in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), fc.nat(), (list, a, b) => {
      const [from, to] = [a % list.length, b % list.length]
      const there = moved(list, from, to)
      assert.equal(there[to], list[from])
      assert.deepEqual(moved(there, to, from), list)
    }),
  )
})

test('JSON that is written and read is the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = parseJson(writeJson(value))
      assert.ok('value' in parsed)
      assert.deepEqual(JSON.stringify(parsed.value), JSON.stringify(value))
    }),
  )
  assert.deepEqual(parseJson(' '), { value: undefined })
  assert.ok('fault' in parseJson('{'))
})

test('the members of a record are told by a pattern, or by what else there may be', () => {
  assert.deepEqual(memberSchema({ patternProperties: { '^.*$': { type: 'string' } } }), { type: 'string' })
  assert.deepEqual(memberSchema({ additionalProperties: { type: 'number' } }), { type: 'number' })
  assert.equal(memberSchema({ additionalProperties: false }), null)
  assert.equal(isObject([]), false)
})
