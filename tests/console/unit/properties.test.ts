import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  hasProperties,
  kindLabel,
  kindsFor,
  OTHER,
  type Property,
  rowsOf,
  withNewRow,
  withoutRow,
  withRow,
} from '../../../console/src/features/models/properties.ts'

/** The properties of a model as rows of a table, and back. */

const pet = {
  type: 'object',
  title: 'A pet',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'What it is called.' },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    owner: { $ref: '#/models/Owner' },
    any: true,
    either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
}

test('a schema has the rows that its properties are', () => {
  assert.deepEqual(
    rowsOf(pet).map(({ name, kind, isRequired, description }) => [name, kindLabel(kind), isRequired, description]),
    [
      ['name', 'string', true, 'What it is called.'],
      ['tags', 'string[]', false, ''],
      ['owner', 'Owner', false, ''],
      ['any', OTHER, false, ''],
      ['either', OTHER, false, ''],
    ],
  )
})

describe('only an object is a table', () => {
  for (const [schema, wanted] of [
    [{ type: 'object' }, true],
    [{ properties: {} }, true],
    [{ type: 'object', properties: [] }, false],
    [{ type: 'array' }, false],
    [{}, false],
    [true, false],
    [null, false],
  ] as const)
    test(`${JSON.stringify(schema)}: ${wanted}`, () => assert.equal(hasProperties(schema), wanted))
})

const change = (name: string, changes: Partial<Property>) => {
  const row = rowsOf(pet).find((one) => one.name === name) ?? assert.fail(`no ${name}`)
  return withRow(pet, name, { ...row, ...changes })
}

describe('a row that is changed leaves the rest', () => {
  test('renamed: it stays in its place, and required', () => {
    const changed = change('name', { name: 'called' })
    assert.deepEqual(Object.keys(changed.properties as object), ['called', 'tags', 'owner', 'any', 'either'])
    assert.deepEqual(changed.required, ['called'])
  })
  test('of another kind: what the table does not show is kept', () => {
    const { properties } = change('name', { kind: 'integer' }) as unknown as typeof pet
    assert.deepEqual(properties.name, { type: 'integer', minLength: 1, description: 'What it is called.' })
  })
  test('a list of models', () => {
    const { properties } = change('tags', { kind: '#/models/Tag[]' }) as unknown as typeof pet
    assert.deepEqual(properties.tags, { type: 'array', items: { $ref: '#/models/Tag' }, maxItems: 3 })
  })
  test('the last that is required: draft-04 wants no empty list', () => {
    assert.ok(!('required' in change('name', { isRequired: false })))
  })
  test('required once, however often it is said', () => {
    assert.deepEqual(change('name', { isRequired: true }).required, ['name'])
  })
  test('what the table cannot say stays as it is', () => {
    assert.deepEqual(change('either', { isRequired: true }).properties, pet.properties)
    assert.deepEqual(change('any', { isRequired: true }).properties, pet.properties)
  })
})

test('a new row has a name that is free; taken out again, all is as it was', () => {
  const more = withNewRow(withNewRow(pet))
  assert.deepEqual(
    rowsOf(more)
      .slice(-2)
      .map(({ name }) => name),
    ['property6', 'property7'],
  )
  assert.deepEqual(withoutRow(withoutRow(more, 'property6'), 'property7'), pet)
  assert.deepEqual(withoutRow(pet, 'name').required, undefined)
})

test('every kind that is offered is read back as that, and giving a row what it has changes nothing', () => {
  const kinds = kindsFor(['Owner', 'string'])
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.constantFrom(...kinds), fc.boolean(), (first, second, isRequired) => {
      const start = { type: 'object', properties: { a: { type: 'string', example: 'x' } } }
      const row = { name: 'a', kind: first, isRequired, description: '' }
      const once = withRow(start, 'a', row)
      assert.deepEqual(rowsOf(once), [row])
      assert.deepEqual(withRow(once, 'a', row), once)
      const [twice] = rowsOf(withRow(once, 'a', { ...row, kind: second }))
      assert.equal(twice?.kind, second)
    }),
  )
})
