import { createRequire } from 'node:module'
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv'
import { canonicalJson } from './canonical-json.ts'
import { type JsonSchema, visitSchemas } from './json-schema.ts'
import { compileRegex, InvalidPattern } from './linear-regex.ts'

/** Schemas of users, made into functions: patterns run in linear time, and so does everything else that could take long. */

/** Something that is wrong with a value: where (JSON Pointer) and what. */
export interface SchemaProblem {
  readonly path: string
  readonly message: string
}

/** Everything wrong with a value; nothing where it is right. */
export type SchemaCheck = (value: unknown) => readonly SchemaProblem[]

/** How references to schemas begin. */
const REFERENCE = '#/models/'
/** Values of more parts than this are told of their first problem only: telling all could take more memory than the value. */
const MOST_PARTS_FOR_ALL = 2_000
const MAX_PROBLEMS = 100

/** Loaded with the first schema: without any, no start waits for it. */
const load = createRequire(import.meta.url)

/** Compiles schemas of JSON Schema 2020-12 that refer to those of `schemas` as `#/models/NAME`. */
export class SchemaCompiler {
  private readonly schemas: Readonly<Record<string, JsonSchema>>
  /** Ends at the first problem: what most values need. */
  private readonly first: Ajv
  private readonly all: Ajv
  private readonly checks = new Map<string, SchemaCheck>()

  constructor(schemas: Readonly<Record<string, JsonSchema>>) {
    this.schemas = schemas
    this.first = newAjv(schemas, false)
    this.all = newAjv(schemas, true)
  }

  /** The check of a schema; equal schemas share one. Throws for one that cannot be compiled, `InvalidPattern` among others. */
  compile(schema: JsonSchema): SchemaCheck {
    const key = JSON.stringify(schema)
    const known = this.checks.get(key)
    if (known !== undefined) return known
    const linked = typeof schema === 'boolean' ? schema : { $defs: {}, allOf: [absolute(schema)] }
    const validate = this.first.compile(linked)
    let validateAll: ValidateFunction | null = null
    const check: SchemaCheck = (value) => {
      if (validate(value)) return []
      if (!hasFewer(value, MOST_PARTS_FOR_ALL)) return problemsOf(validate.errors)
      validateAll ??= this.all.compile(linked)
      return validateAll(value) ? [] : problemsOf(validateAll.errors)
    }
    this.checks.set(key, check)
    return check
  }

  /** The types that a schema names, through references; empty where it names none. */
  typesOf(schema: JsonSchema): readonly string[] {
    return typesOf(schema, this.schemas, 10)
  }

  /** The schema that a reference leads to, or the schema itself. */
  resolve(schema: JsonSchema): JsonSchema {
    if (typeof schema === 'boolean' || typeof schema.$ref !== 'string' || !schema.$ref.startsWith(REFERENCE))
      return schema
    return this.schemas[schema.$ref.slice(REFERENCE.length)] ?? schema
  }
}

function newAjv(schemas: Readonly<Record<string, JsonSchema>>, allErrors: boolean): Ajv {
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const addFormats = load('ajv-formats') as typeof import('ajv-formats')
  const ajv: Ajv = new Ajv2020({
    strict: false,
    allErrors,
    logger: false,
    validateSchema: false,
    code: { regExp: Object.assign(linear, { code: 'linear' }) as never },
  })
  // In the mode in which patterns of formats are simple.
  ;(addFormats.default ?? addFormats)(ajv, { mode: 'fast' })
  // Ajv compares each item with each other one.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate: (isWanted: boolean, items: unknown[]) =>
      !isWanted || new Set(items.map((item) => canonicalJson(item))).size === items.length,
  })
  for (const [name, schema] of Object.entries(schemas)) {
    // A schema that is a part of others is known by its address.
    if (typeof schema === 'boolean') ajv.addSchema({ allOf: [schema] }, addressOf(name))
    else ajv.addSchema(absolute(schema) as object, addressOf(name))
  }
  return ajv
}

/** Why the patterns of a schema cannot run in linear time, with where they stand; nothing where they can. */
export function patternFaults(schema: JsonSchema): SchemaProblem[] {
  const faults: SchemaProblem[] = []
  visitSchemas(schema, ({ pattern, patternProperties }, at) => {
    for (const one of [...(typeof pattern === 'string' ? [pattern] : []), ...Object.keys(patternProperties ?? {})]) {
      const fault = faultOf(one)
      if (fault !== null) faults.push({ path: at, message: `the pattern "${one}" cannot be checked: ${fault}` })
    }
  })
  return faults
}

function faultOf(pattern: string): string | null {
  try {
    linear(pattern)
    return null
  } catch (error) {
    if (error instanceof InvalidPattern) return error.message
    throw error
  }
}

/** A pattern for Ajv, which tells patterns apart by their texts. */
function linear(pattern: string) {
  const regex = isPlain(pattern) ? new RegExp(pattern, 'u') : compileRegex(pattern)
  return { test: (text: string) => regex.test(text), toString: () => `/${pattern}/` }
}

/** Characters and classes, anchored at both ends, of which at most one may repeat: nothing to go back for, so that the usual engine is as good. */
const PLAIN = /^\^(?:(?:\[(?:\\[dws.\-/]|[^\]\\[])+\]|\\[dws./]|[\w\-:/@,; #])(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})?)*\$$/

function isPlain(pattern: string): boolean {
  if (!PLAIN.test(pattern)) return false
  const withoutClasses = pattern.replace(/\[(?:\\.|[^\]\\])+\]/g, 'x')
  return (withoutClasses.match(/[*+?{]/g) ?? []).length <= 1
}

const addressOf = (name: string) => `models:/${encodeURIComponent(name)}`

/** A schema whose references to others are their addresses. */
function absolute(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(REFERENCE)
      ? addressOf(value.slice(REFERENCE.length))
      : value,
  ) as JsonSchema
}

function typesOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>, depth: number): readonly string[] {
  if (typeof schema === 'boolean' || depth === 0) return []
  const { $ref, type, allOf, anyOf, oneOf } = schema
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.map(String)
  if (typeof $ref === 'string' && $ref.startsWith(REFERENCE))
    return typesOf(schemas[$ref.slice(REFERENCE.length)] ?? {}, schemas, depth - 1)
  const parts = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? (list as JsonSchema[]) : []))
  return [...new Set(parts.flatMap((part) => typesOf(part, schemas, depth - 1)))]
}

function problemsOf(errors: readonly ErrorObject[] | null | undefined): SchemaProblem[] {
  return (errors ?? []).slice(0, MAX_PROBLEMS).map(({ instancePath, message, keyword, params }) => {
    const more =
      keyword === 'additionalProperties' || keyword === 'unevaluatedProperties'
        ? ` ("${String(params.additionalProperty ?? params.unevaluatedProperty)}")`
        : keyword === 'enum'
          ? ` (${(params.allowedValues as unknown[])
              .map((one) => JSON.stringify(one))
              .join(', ')
              .slice(0, 200)})`
          : ''
    return { path: instancePath, message: `${message ?? 'is not valid'}${more}` }
  })
}

/** Whether a value has fewer parts than `most`. */
function hasFewer(value: unknown, most: number): boolean {
  let left = most
  const stack = [value]
  while (stack.length > 0) {
    if (--left < 0) return false
    const one = stack.pop()
    if (typeof one === 'object' && one !== null) {
      const parts = Object.values(one)
      if (parts.length > left) return false
      stack.push(...parts)
    }
  }
  return true
}
