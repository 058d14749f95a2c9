import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { EXPECTED, expectedMessage, type SchemaFault } from './expected.ts'

describe('what a value must be, in words', () => {
  const ajv = new Ajv({ strict: false, verbose: true })
  const colours = { enum: ['red', 'green', 'blue'] }
  const cases: readonly [schema: object, value: unknown, said: string][] = [
    [{ pattern: '^/', [EXPECTED]: 'a path', examples: ['/a'] }, 'a', 'must be a path, such as /a'],
    [{ pattern: '^/', [EXPECTED]: 'a path' }, 'a', 'must be a path'],
    [{ pattern: '^/', [EXPECTED]: 'a path', examples: [1] }, 'a', 'must be a path'],
    [{ pattern: '^/' }, 'a', 'must match pattern "^/"'],
    [colours, 'geen', 'must be one of red, green, blue (did you mean "green"?)'],
    [colours, 'RED', 'must be one of red, green, blue (did you mean "red"?)'],
    [colours, 'of no colour at all', 'must be one of red, green, blue'],
    [colours, 7, 'must be one of red, green, blue'],
    [{ enum: [1, 2, null] }, 7, 'must be one of 1, 2, null'],
    [{ const: 'a' }, 'b', 'must be "a"'],
    [{ type: 'string' }, 1, 'must be string'],
  ]
  for (const [schema, value, said] of cases)
    test(`${JSON.stringify(schema)}, ${JSON.stringify(value)}: ${said}`, () => {
      assert.equal(ajv.validate(schema, value), false)
      assert.equal(expectedMessage(ajv.errors?.[0] as SchemaFault), said)
    })

  test('an error without a message is one all the same', () =>
    assert.equal(expectedMessage({ keyword: 'strange', params: {} }), 'is not valid'))
})
