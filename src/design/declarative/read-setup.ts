import { Ajv, type ErrorObject } from 'ajv'
import { expectedMessage } from '../../lib/expected.ts'
import { keysOf, pointerTo } from '../../lib/json-pointer.ts'
import { onFirstUse } from '../../lib/lazy-validator.ts'
import { nearest } from '../../lib/nearest.ts'
import { Setup } from '../../model/declarative.ts'
import { Invalid } from '../../model/errors.ts'
import type { Problem } from '../../plugins/plugin.ts'

/** Deeper than any design, and far from where code that walks values down would run out of stack. */
const MAX_DEPTH = 200

/** A document that was read, and everything that is wrong with its form. */
export interface ReadSetup {
  /** Every default filled in, where the form is right. */
  readonly setup: Setup
  readonly problems: readonly Problem[]
  /** Whether everything at, above and below a pointer has the form that it should have. */
  isSound(pointer: string): boolean
}

// Whoever reads a text that has a format checks it.
const options = { discriminator: true, strict: false, verbose: true, validateFormats: false }
const ajv = new Ajv({ allErrors: true, useDefaults: true, ...options })
const validate = onFirstUse(() => ajv.compile(withoutAttachments(Setup)))

/** Reads a document by the schema. Throws `Invalid` for what is no setup at all. */
export function readSetup(given: unknown): ReadSetup {
  if (depthExceeds(given, MAX_DEPTH)) throw refused('', `The setup is nested deeper than ${MAX_DEPTH} levels.`)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refused('', 'The setup must be an object that begins with "turnpike: 1".')
  const version = 'turnpike' in given ? given.turnpike : undefined
  if (version === undefined)
    throw refused('/turnpike', 'The version of the format is missing: a setup begins with "turnpike: 1".')
  if (version !== 1)
    throw refused('/turnpike', `This version of Turnpike reads format 1, not ${JSON.stringify(version)}.`)
  const setup: unknown = structuredClone(given)
  const problems = validate(setup) ? [] : (validate.errors ?? []).flatMap(toProblem)
  // The schema has just accepted it, but for the parts that have problems.
  const isSound = (pointer: string) => !problems.some(({ path }) => isBelow(path, pointer) || isBelow(pointer, path))
  return { setup: setup as Setup, problems, isSound }
}

function refused(path: string, message: string): Invalid {
  return new Invalid(message, [{ path, message }])
}

function isBelow(path: string, pointer: string): boolean {
  return path === pointer || path.startsWith(`${pointer}/`)
}

function depthExceeds(given: unknown, limit: number): boolean {
  let level: unknown[] = [given]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}

/** Attachments are left to the check of plugins, which knows each by its name and says what is wrong to people. */
function withoutAttachments(schema: unknown): object {
  return JSON.parse(
    JSON.stringify(schema, (_key, value) => (value?.discriminator?.propertyName === 'plugin' ? {} : value)),
  )
}

/** An error of the schema, said to people. */
function toProblem(error: ErrorObject): Problem[] {
  const { instancePath, keyword, params, propertyName, parentSchema, data } = error
  // Of a name, the error of the whole says all.
  if (propertyName !== undefined) return []
  if (keyword === 'propertyNames') {
    const name = String(params.propertyName)
    const names: unknown = parentSchema?.propertyNames
    const rule = isRecord(names) && typeof names.description === 'string' ? names.description : ''
    return [{ path: instancePath + pointerTo(name), message: `"${name}" cannot be a name here. ${rule}`.trim() }]
  }
  if (keyword === 'additionalProperties') {
    const field = String(params.additionalProperty)
    const known = Object.keys(isRecord(parentSchema?.properties) ? parentSchema.properties : {})
    const similar = nearest(field, known)
    return [
      {
        path: instancePath + pointerTo(field),
        message: `"${field}" is not a field${similar === undefined ? '.' : `; did you mean "${similar}"?`} There are: ${known.join(', ')}.`,
      },
    ]
  }
  if (keyword === 'required') {
    const field = String(params.missingProperty)
    return [{ path: instancePath, message: `The field "${field}" is missing.` }]
  }
  if (keyword === 'discriminator') {
    const kinds = isRecord(data) ? JSON.stringify(params.tagValue) : 'What is there'
    return [
      {
        path: instancePath + pointerTo(String(params.tag)),
        message: `${kinds} is not one of the kinds that there are.`,
      },
    ]
  }
  const hint = data === null ? '; write {} where all is as by default' : ''
  return [{ path: instancePath, message: `${nameOf(instancePath)} ${expectedMessage(error)}${hint}.` }]
}

function nameOf(pointer: string): string {
  return `"${keysOf(pointer).at(-1) ?? ''}"`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
