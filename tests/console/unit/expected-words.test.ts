import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { apiDocument } from '../../../console/api-types.ts'
import { expectedKo } from '../../../console/src/i18n/expected-ko.ts'
import { schemaFaultKo } from '../../../console/src/i18n/schema-faults-ko.ts'
import { EXPECTED, expectedMessage, type SchemaFault } from '../../../src/lib/expected.ts'
import { plugins } from '../../../src/plugins/registry.ts'

/** What schemas say is wrong is said in Korean, too, in the words of the schemas that there are. */

/** What the patterns want that are anywhere in a document. */
function expectedIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === EXPECTED && typeof member === 'string' ? [member] : expectedIn(member),
  )
}

test('each pattern of the API and of the plugins is explained in Korean, and nothing else is', async () => {
  const wanted = new Set([...expectedIn(await apiDocument()), ...plugins.flatMap(({ config }) => expectedIn(config))])
  assert.deepEqual(Object.keys(expectedKo).toSorted(), [...wanted].toSorted())
})

const isKorean = (text: string) => /[가-힣]/.test(text) && !/\b(?:must|is|not|have|be)\b/i.test(text)

describe('what the API says of a field is said in Korean', () => {
  for (const expected of Object.keys(expectedKo)) {
    test(expected, () => {
      for (const examples of [[], ['an, example.']]) {
        const said = schemaFaultKo(
          `${expectedMessage({ keyword: 'pattern', params: {}, parentSchema: { [EXPECTED]: expected, examples } })}.`,
        )
        assert.ok(said.includes(expectedKo[expected] ?? '?'), said)
        assert.equal(said.endsWith(' (예: an, example.)'), examples.length > 0, said)
      }
    })
  }

  const ajv = new Ajv({ validateFormats: false, strict: false, verbose: true })
  for (const [schema, value] of [
    [{ type: 'string' }, 1],
    [{ type: 'integer' }, 1.5],
    [{ type: 'number' }, 'a'],
    [{ type: 'boolean' }, 1],
    [{ type: 'object' }, 1],
    [{ type: 'array' }, 1],
    [{ type: 'null' }, 1],
    [{ const: 1 }, 2],
    [{ const: 'a' }, 'b'],
    [{ enum: ['one', 'two'] }, 'three times'],
    [{ enum: ['one', 'two'] }, 'ona'],
    [{ minimum: 1 }, 0],
    [{ maximum: 1 }, 2],
    [{ exclusiveMinimum: 1 }, 1],
    [{ exclusiveMaximum: 1 }, 1],
    [{ multipleOf: 2 }, 1],
    [{ minLength: 1 }, ''],
    [{ maxLength: 1 }, 'ab'],
    [{ minItems: 1 }, []],
    [{ maxItems: 1 }, [1, 2]],
    [{ uniqueItems: true }, [1, 1]],
    [{ maxProperties: 0 }, { a: 1 }],
  ] as const) {
    test(JSON.stringify(schema), () => {
      assert.equal(ajv.validate(schema, value), false)
      const said = schemaFaultKo(`${expectedMessage(ajv.errors?.[0] as SchemaFault)}.`)
      assert.ok(isKorean(said), said)
    })
  }

  for (const message of [
    'is required.',
    'is not a known field: leave it out.',
    'has no field: name what is to change.',
    'must match format "date-time".',
    'must match a schema in anyOf.',
  ])
    test(message, () => assert.ok(isKorean(schemaFaultKo(message))))

  test('what is no fault of a schema stays as it is', () =>
    assert.equal(schemaFaultKo('The value is that of another key.'), 'The value is that of another key.'))
})
