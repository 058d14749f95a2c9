import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { check } from '../../../console/src/forms/check.ts'
import { asSchema, at, type JsonSchema } from '../../../console/src/forms/schema.ts'
import { GatewayResponse } from '../../../src/model/gateway-response.ts'
import { Policy } from '../../../src/model/policy.ts'
import { plugins } from '../../../src/plugins/registry.ts'
import { arbitraryValue } from './arbitrary-value.ts'

const RUNS = 300

/** Where Ajv finds something, asked as the server asks it: defaults filled in, everything at once. */
function validator(schema: JsonSchema): (value: unknown) => string[] {
  const validate = new Ajv({ strict: false, allErrors: true, useDefaults: true, validateFormats: false }).compile(
    schema,
  )
  return (value) => {
    // Through JSON, so that nothing in it is the same object as something else: defaults are written into it.
    if (validate(JSON.parse(JSON.stringify(value)))) return []
    return placesOf(
      (validate.errors ?? []).map(({ instancePath, params }) => {
        const name: unknown = params.missingProperty ?? params.additionalProperty
        return name === undefined ? instancePath : at(instancePath, String(name))
      }),
    )
  }
}

const ours = (schema: JsonSchema, value: unknown) => placesOf(check(schema, value).map(({ path }) => path))

/** Ajv goes on behind a type that is wrong: what counts is where something is, once. */
const placesOf = (paths: readonly string[]) => [...new Set(paths)].toSorted()

describe('what the form says is wrong is what Ajv says', () => {
  for (const plugin of plugins) {
    test(plugin.name, () => {
      const schema = asSchema(plugin.config)
      const ajv = validator(schema)
      fc.assert(
        fc.property(arbitraryValue(schema), (value) => assert.deepEqual(ours(schema, value), ajv(value))),
        { numRuns: RUNS },
      )
    })
  }
})

describe('with unions, what is right for one is right for both', () => {
  const schemas: Readonly<Record<string, JsonSchema>> = {
    'a policy': asSchema(Policy),
    'a gateway response': asSchema(GatewayResponse),
    'a reference': {
      $ref: '#/$defs/tree',
      $defs: {
        tree: {
          type: 'object',
          properties: { next: { $ref: '#/$defs/tree' }, size: { type: 'integer', multipleOf: 3 } },
        },
      },
    } as JsonSchema,
    'kinds with a name': {
      discriminator: { propertyName: 'kind' },
      oneOf: [
        {
          type: 'object',
          required: ['kind', 'port'],
          properties: { kind: { const: 'tcp' }, port: { type: 'integer' } },
        },
        { type: 'object', required: ['kind'], properties: { kind: { const: 'unix' } }, additionalProperties: false },
      ],
    },
  }
  for (const [name, schema] of Object.entries(schemas)) {
    test(name, () => {
      const ajv = validator(schema)
      fc.assert(
        fc.property(arbitraryValue(schema), (value) =>
          assert.equal(ours(schema, value).length === 0, ajv(value).length === 0, JSON.stringify(value)),
        ),
        { numRuns: RUNS },
      )
    })
  }
})

test('the example of every plugin is taken', () => {
  for (const plugin of plugins) {
    const { example } = plugin as { example?: object }
    if (example !== undefined) assert.deepEqual(check(asSchema(plugin.config), example), [], plugin.name)
  }
})
