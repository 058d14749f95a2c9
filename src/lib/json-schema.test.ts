import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import AjvDraft04 from 'ajv-draft-04'
import fc from 'fast-check'
import { type JsonSchema, leadsSomewhere, referencesOf, toDraft2020, visitSchemas } from './json-schema.ts'

const cases: readonly [title: string, old: JsonSchema, now: JsonSchema][] = [
  [
    'exclusive limits',
    { minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: false },
    { exclusiveMinimum: 1, maximum: 2 },
  ],
  ['exclusive limits that are numbers', { exclusiveMinimum: 1 }, { exclusiveMinimum: 1 }],
  [
    'lists of items',
    { items: [{ type: 'string' }], additionalItems: false },
    { prefixItems: [{ type: 'string' }], items: false },
  ],
  ['one schema for all items', { items: { minimum: 1, exclusiveMinimum: true } }, { items: { exclusiveMinimum: 1 } }],
  [
    'dependencies',
    { dependencies: { a: ['b'], c: { required: ['d'] } } },
    { dependentRequired: { a: ['b'] }, dependentSchemas: { c: { required: ['d'] } } },
  ],
  [
    'what stands beside a reference',
    { properties: { a: { $ref: '#/models/B', type: 'string' } } },
    { properties: { a: { $ref: '#/models/B' } } },
  ],
  ['identifiers', { $schema: 'x', $id: 'y', id: 'z', type: 'object' }, { type: 'object' }],
  ['a property called id', { properties: { id: { type: 'string' } } }, { properties: { id: { type: 'string' } } }],
  [
    'what only looks like a schema',
    { enum: [{ minimum: 1, exclusiveMinimum: true }] },
    { enum: [{ minimum: 1, exclusiveMinimum: true }] },
  ],
  ['true', true, true],
]
describe('old dialects in the words of 2020-12', () => {
  for (const [title, old, now] of cases) test(title, () => assert.deepEqual(toDraft2020(old), now))
})

/** Schemas without references, in what draft-04 and draft-07 share but for exclusive limits. */
const { schema: shared } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.record({ type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'array', 'object') }),
    fc.record({
      enum: fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b')), { minLength: 1 }),
    }),
    fc.record({ minLength: fc.nat(2), maxLength: fc.nat(4) }),
    fc.record({ items: tie('schema') }),
    fc.record({
      items: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      additionalItems: fc.oneof(fc.boolean(), tie('schema')),
    }),
    fc.record({
      properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')),
      required: fc.uniqueArray(fc.constantFrom('a', 'b'), { minLength: 1 }),
    }),
    fc.record({ dependencies: fc.record({ a: fc.oneof(fc.constant(['b']), tie('schema')) }) }),
    fc.record({ not: tie('schema') }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
  ) as fc.Arbitrary<JsonSchema>,
}))
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1, 2, 3, 1.5, '', 'a', 'abc', 'abcdef'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('any')),
  ),
})).any
const options = { strict: false, validateFormats: false, logger: false } as const
const [draft04, draft07, draft2020] = [new AjvDraft04.default(options), new Ajv(options), new Ajv2020(options)]

for (const [dialect, verdictOf, exclusive] of [
  [
    'draft-04',
    (schema: JsonSchema, given: unknown) => draft04.validate(schema, given),
    fc.record({
      minimum: fc.nat(2),
      exclusiveMinimum: fc.boolean(),
      maximum: fc.nat(3),
      exclusiveMaximum: fc.boolean(),
    }),
  ],
  [
    'draft-07',
    (schema: JsonSchema, given: unknown) => draft07.validate(schema, given),
    fc.record({ minimum: fc.nat(2), exclusiveMaximum: fc.nat(3) }),
  ],
] as const) {
  test(`a ${dialect} schema and its translation have the same verdicts`, () => {
    const schemas = fc.tuple(shared, exclusive as fc.Arbitrary<JsonSchema>).map(([a, b]) => ({ allOf: [a, b] }))
    fc.assert(
      fc.property(schemas, value, (schema, given) =>
        assert.equal(draft2020.validate(toDraft2020(schema), given), verdictOf(schema, given)),
      ),
      { numRuns: 300 },
    )
  })
}

test('references are found where they are schemas, with their places', () => {
  const schema = {
    $ref: '#/models/A',
    properties: { 'a/b': { items: { $ref: '#/models/B' } }, $ref: { type: 'string' } },
    enum: [{ $ref: '#/models/C' }],
  }
  assert.deepEqual(referencesOf(schema), [
    { reference: '#/models/A', pointer: '/$ref' },
    { reference: '#/models/B', pointer: '/properties/a~1b/items/$ref' },
  ])
})

test('every schema is visited once', () => {
  const places: string[] = []
  visitSchemas({ allOf: [{ not: {} }, true], properties: { a: {} } }, (_, pointer) => places.push(pointer))
  assert.deepEqual(places, ['', '/allOf/0', '/allOf/0/not', '/properties/a'])
})

for (const [pointer, found] of [
  ['', true],
  ['/a~1b/0', true],
  ['/a%7E1b/0', true],
  ['/a~1b/1', false],
  ['/__proto__', false],
] as const)
  test(`"${pointer}" leads ${found ? 'somewhere' : 'nowhere'}`, () =>
    assert.equal(leadsSomewhere({ 'a/b': [1] }, pointer), found))
