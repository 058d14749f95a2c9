import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import AjvDraft04 from 'ajv-draft-04'
import { type JsonSchema, leadsSomewhere, referencesOf, visitSchemas } from '../lib/json-schema.ts'
import { nearest } from '../lib/nearest.ts'
import { type Dialect, MODEL_REFERENCE } from '../model/json-schema.ts'
import type { Problem } from '../plugins/plugin.ts'

/** JSON Schemas of a design: well-formed by their dialect, within bounds, and with references that lead somewhere. */

const MAX_CHARACTERS = 1_048_576
const MAX_DEPTH = 100
/** Most schemas of a design are short and alike: `{"type":"string"}` is looked at once. */
const KNOWN_CHARACTERS = 300
const MAX_KNOWN = 2_000

const options = { strict: false, validateFormats: false, logger: false, allErrors: true } as const
const makers: Readonly<Record<Dialect, () => Pick<Ajv, 'validateSchema' | 'errors'>>> = {
  'draft-04': () => new AjvDraft04.default(options),
  'draft-07': () => new Ajv(options),
  '2020-12': () => new Ajv2020(options),
}
const validators = new Map<Dialect, Pick<Ajv, 'validateSchema' | 'errors'>>()
const known = new Set<string>()

/** Everything wrong with a schema; `models` are the names that it may refer to, `pointer` is where it stands. */
export function checkSchema(
  schema: JsonSchema,
  dialect: Dialect,
  models: ReadonlySet<string>,
  pointer: string,
): Problem[] {
  const text = JSON.stringify(schema)
  if (text.length > MAX_CHARACTERS)
    return [
      { path: pointer, message: `The schema has ${text.length} characters; at most ${MAX_CHARACTERS} are taken.` },
    ]
  if (isDeeper(schema, MAX_DEPTH))
    return [{ path: pointer, message: `The schema is more than ${MAX_DEPTH} levels deep: make models of its parts.` }]
  const problems = [
    ...checkForm(schema, dialect, text),
    ...checkIdentifiers(schema),
    ...checkPatterns(schema),
    ...checkReferences(schema, models),
  ]
  return problems.map(({ path, message }) => ({ path: pointer + path, message }))
}

function checkForm(schema: JsonSchema, dialect: Dialect, text: string): Problem[] {
  const key = text.length > KNOWN_CHARACTERS ? null : `${dialect} ${text}`
  if (key !== null && known.has(key)) return []
  if (dialect === 'draft-04' && typeof schema === 'boolean')
    return [
      {
        path: '',
        message: 'true and false are no schemas in draft-04: write {} for whatever, {"not": {}} for nothing.',
      },
    ]
  const declared = typeof schema === 'object' ? schema.$schema : undefined
  if (declared !== undefined)
    return [{ path: '/$schema', message: 'The dialect of a schema is set beside it: leave "$schema" out.' }]
  const validator = validators.get(dialect) ?? makers[dialect]()
  validators.set(dialect, validator)
  if (validator.validateSchema(schema as object) === true) {
    if (key !== null && known.size < MAX_KNOWN) known.add(key)
    return []
  }
  const errors = (validator.errors ?? []).map(({ instancePath, message }) => ({
    path: instancePath,
    message: `This is not JSON Schema ${dialect}: ${message ?? 'it is not valid'}.`,
  }))
  // One mistake breaks each of the alternatives of a dialect: the place is told once.
  return errors.filter(({ path }, i) => errors.findIndex((other) => other.path === path) === i)
}

/** An identifier would move what references lead to. */
function checkIdentifiers(schema: JsonSchema): Problem[] {
  const problems: Problem[] = []
  visitSchemas(schema, ({ $id }, at) => {
    if ($id !== undefined)
      problems.push({
        path: `${at}/$id`,
        message: 'A model is known by its name, and has no identifier: leave "$id" out.',
      })
  })
  return problems
}

/** Patterns are only read here; whoever runs them bounds them. */
function checkPatterns(schema: JsonSchema): Problem[] {
  const problems: Problem[] = []
  visitSchemas(schema, ({ pattern, patternProperties }, at) => {
    const patterns = [
      ...(typeof pattern === 'string' ? [{ text: pattern, path: `${at}/pattern` }] : []),
      ...Object.keys(patternProperties ?? {}).map((text) => ({ text, path: `${at}/patternProperties` })),
    ]
    for (const { text, path } of patterns) {
      const fault = patternFault(text)
      if (fault !== null) problems.push({ path, message: `"${text}" is not a regular expression: ${fault}.` })
    }
  })
  return problems
}

function patternFault(pattern: string): string | null {
  let fault: string | null = null
  // Many a pattern escapes more than it needs to, which is only an error with the flag.
  for (const flags of ['u', '']) {
    try {
      new RegExp(pattern, flags)
      return null
    } catch (error) {
      fault ??= error instanceof Error ? error.message : String(error)
    }
  }
  return fault
}

function checkReferences(schema: JsonSchema, models: ReadonlySet<string>): Problem[] {
  return referencesOf(schema).flatMap(({ reference, pointer: path }): Problem[] => {
    if (!reference.startsWith('#'))
      return [
        { path, message: `"${reference}" leads out of the service: make a model of it, and write "#/models/NAME".` },
      ]
    if (reference.startsWith(MODEL_REFERENCE)) {
      const name = reference.slice(MODEL_REFERENCE.length)
      if (models.has(name)) return []
      const similar = nearest(name, [...models])
      return [
        { path, message: `There is no model "${name}"${similar === undefined ? '' : `; did you mean "${similar}"?`}` },
      ]
    }
    return leadsSomewhere(schema, reference.slice(1))
      ? []
      : [{ path, message: `"${reference}" leads to nothing in this schema.` }]
  })
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1))
}
