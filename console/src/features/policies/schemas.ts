import { asSchema, type JsonSchema } from '../../forms/schema.ts'

/** The schema of some members of another. */
function some(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const properties = schema.properties ?? {}
  return {
    type: 'object',
    required: (schema.required ?? []).filter((name) => names.includes(name)),
    properties: Object.fromEntries(names.map((name) => [name, asSchema(properties[name])])),
  }
}

const SETTINGS = ['description', 'key', 'requestsPerSecond', 'unlisted', 'remainingHeader'] as const

/** Of a policy without its values: what a new one needs, and what can be changed of one. */
export const newPolicySchema = (policy: unknown): JsonSchema => some(asSchema(policy), ['name', ...SETTINGS])
export const settingsSchema = (policy: unknown): JsonSchema => some(asSchema(policy), SETTINGS)

/** Of one value. What it is called cannot be changed. */
export function valueSchema(policy: unknown, isNew: boolean): JsonSchema {
  const value = asSchema(asSchema(policy).properties?.values?.items)
  return some(value, [...(isNew ? ['value'] : []), 'requestsPerSecond', 'networks'])
}
