import { type JsonSchema, leadsSomewhere, mapSchema, toDraft2020 } from '../../lib/json-schema.ts'
import { type Dialect, MODEL_REFERENCE } from '../../model/json-schema.ts'
import type { Model } from '../../model/model.ts'
import { checkSchema } from '../check-schema.ts'
import { normalModel } from '../normal-model.ts'
import type { Report } from './notes.ts'
import { keysOf, type References } from './references.ts'
import { type Fields, isRecord, type Place, pointerOf, type SourceDocument } from './source.ts'

/** Where each version keeps the schemas that have names. */
const HOMES: Readonly<Record<SourceDocument['version'], Place>> = {
  '2.0': ['definitions'],
  '3.0': ['components', 'schemas'],
  '3.1': ['components', 'schemas'],
}
/** What `$schema` may say, and which of our dialects that is; others are read as the newest. */
const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['http://json-schema.org/draft-04/schema', 'draft-04'],
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['https://spec.openapis.org/oas/3.1/dialect/base', '2020-12'],
])
const MAX_NAME = 100
/** How often a schema is corrected before it is given up. */
const MAX_REPAIRS = 50

/**
 * The schemas of a document in our words: those with a name become models, the others stay where they are, in JSON Schema
 * 2020-12. References to either kind become references to models; what is referred to elsewhere becomes a model for that.
 */
export class Schemas {
  private readonly source: SourceDocument
  private readonly references: References
  private readonly report: Report
  /** Names of models by the JSON Pointer of what they are made of. */
  private readonly names = new Map<string, string>()
  private readonly taken = new Set<string>()
  /** What models are made of, in the order in which they were met. */
  private readonly origins: { readonly name: string; readonly place: Place }[] = []
  /** Pointers of components by their `$id`. */
  private readonly ids = new Map<string, readonly string[]>()

  constructor(source: SourceDocument, references: References, report: Report) {
    this.source = source
    this.references = references
    this.report = report
    const home = HOMES[source.version]
    const components = references.lookUp(home)
    if (!isRecord(components)) return
    for (const [key, schema] of Object.entries(components)) {
      const place = [...home.map(String), key]
      const name = this.addModel(key, place)
      if (name !== key) report.note('renamedModel', place)
      if (isRecord(schema) && typeof schema.$id === 'string') this.ids.set(schema.$id.replace(/#$/, ''), place)
    }
  }

  /** A schema that stands in the design, in 2020-12. Whatever is not one is told and becomes `{}`. */
  inline(given: unknown, place: Place): JsonSchema {
    const { schema, dialect } = this.convert(given, place)
    return dialect === '2020-12' ? schema : this.repair(toDraft2020(schema), '2020-12', place)
  }

  /** All models, those among them that were made for references. Call it when everything else has been read. */
  models(): Model[] {
    const models: Model[] = []
    const descriptions = modelDescriptions(this.source)
    // Reading one may make more.
    for (let i = 0; i < this.origins.length; i++) {
      const { name, place } = this.origins[i] as { name: string; place: Place }
      const { schema, dialect } = this.convert(this.references.lookUp(place), place)
      const description = Object.hasOwn(descriptions, name) ? descriptions[name] : undefined
      models.push(
        normalModel({ name, description: typeof description === 'string' ? description : '', dialect, schema }),
      )
    }
    return models
  }

  private convert(given: unknown, place: Place): { schema: JsonSchema; dialect: Dialect } {
    if (typeof given === 'boolean') return { schema: given, dialect: '2020-12' }
    if (!isRecord(given)) {
      this.report.note('invalidKeyword', place)
      return { schema: {}, dialect: '2020-12' }
    }
    const dialect = this.dialectOf(given, place)
    const words = this.source.version === '3.1' ? given : this.inWordsOfVersion(given, place)
    const linked = mapSchema(words, (schema) => this.link(schema, given, place)) as JsonSchema
    return { schema: this.repair(linked, dialect, place), dialect }
  }

  private dialectOf({ $schema }: Fields, place: Place): Dialect {
    if (this.source.version === '2.0') return 'draft-04'
    if (this.source.version === '3.0') return '2020-12'
    const said = $schema ?? this.source.value.jsonSchemaDialect
    if (typeof said !== 'string') return '2020-12'
    const dialect = DIALECTS.get(said.replace(/#$/, ''))
    if (dialect === undefined) this.report.note('dialect', place, `"${said}"`)
    return dialect ?? '2020-12'
  }

  /** Swagger 2.0 and OpenAPI 3.0 have words of their own beside those of JSON Schema. */
  private inWordsOfVersion(given: Fields, place: Place): JsonSchema {
    return mapSchema(given, (schema) => {
      if (this.source.version === '2.0')
        return schema.type === 'file' ? { ...schema, type: 'string', format: 'binary' } : schema
      if (typeof schema.$ref === 'string') {
        const { $ref, ...beside } = schema
        if (Object.keys(beside).length > 0) this.report.note('besideReference', place)
        return { $ref }
      }
      return fromOpenApi30(schema)
    }) as JsonSchema
  }

  /** References to models instead of places of the document, and no identifiers, which would move what they lead to. */
  private link(schema: Fields, root: Fields, place: Place): JsonSchema {
    const { $schema: _, $id: __, $ref, discriminator, ...others } = schema
    const own = {
      ...others,
      ...(isRecord(discriminator) && { discriminator: this.linkMapping(discriminator) }),
      ...(discriminator !== undefined && !isRecord(discriminator) && { discriminator }),
    }
    if (typeof $ref !== 'string') return own
    const target = this.targetOf($ref, root, place)
    // Told already; without it the rest of the schema holds.
    return target === null ? own : { ...own, $ref: target }
  }

  private linkMapping(discriminator: Fields): Fields {
    const { mapping, ...others } = discriminator
    if (!isRecord(mapping)) return discriminator
    const home = `#${pointerOf(HOMES[this.source.version])}/`
    const linked = Object.entries(mapping).map(([value, target]) => {
      const name = typeof target === 'string' && target.startsWith(home) ? this.names.get(target.slice(1)) : undefined
      return [value, name === undefined ? target : MODEL_REFERENCE + name]
    })
    return { ...others, mapping: Object.fromEntries(linked) }
  }

  private targetOf(reference: string, root: Fields, place: Place): string | null {
    const target = this.ids.get(reference) ?? (reference.startsWith('#/') ? keysOf(reference) : null)
    if (target !== null) {
      // To a part of the very schema that it stands in.
      if (target.length > place.length && place.every((key, i) => String(key) === target[i]))
        return `#/${reference.slice(2).split('/').slice(place.length).join('/')}`
      const name = this.names.get(pointerOf(target))
      if (name !== undefined) return MODEL_REFERENCE + name
      const found = this.references.lookUp(target)
      if (isRecord(found) || typeof found === 'boolean') {
        this.report.note('madeModel', target)
        return MODEL_REFERENCE + this.addModel(nameFor(target), target)
      }
    }
    if (reference === '#' || (reference.startsWith('#/') && leadsSomewhere(root, reference.slice(1)))) return reference
    this.report.problem(
      place,
      `the reference "${reference}" ${this.references.faultOf(reference) ?? 'leads to no schema'}.`,
    )
    return null
  }

  private addModel(wanted: string, place: Place): string {
    const plain = wanted.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, MAX_NAME) || 'model'
    let name = plain
    for (let i = 2; this.taken.has(name); i++) name = `${plain.slice(0, MAX_NAME - 6)}_${i}`
    this.taken.add(name)
    this.names.set(pointerOf(place), name)
    this.origins.push({ name, place })
    return name
  }

  /** Takes out what a dialect does not allow, and tells it: one bad keyword is no reason to lose the rest. */
  private repair(given: JsonSchema, dialect: Dialect, place: Place): JsonSchema {
    let schema = given
    for (let round = 0; round < MAX_REPAIRS; round++) {
      const problems = checkSchema(schema, dialect, this.taken, '')
      if (problems.length === 0) return schema
      const root = problems.find(({ path }) => path === '')
      if (root !== undefined) {
        this.report.problem(place, root.message)
        return {}
      }
      const copy = structuredClone(schema)
      // From the back, so that places in lists stay right.
      for (const path of [...new Set(problems.map((problem) => problem.path))].sort().reverse()) {
        this.report.note('invalidKeyword', place, keywordOf(path))
        removeAt(copy, path)
      }
      schema = copy
    }
    this.report.problem(place, 'the schema has too many faults.')
    return {}
  }
}

/** What OpenAPI 3.0 says in words of its own (section 4.7.24). */
function fromOpenApi30({ nullable, example, exclusiveMinimum, exclusiveMaximum, ...others }: Fields): Fields {
  const { minimum, maximum, type, enum: values, examples } = others
  return {
    ...without(others, [
      ...(exclusiveMinimum === true ? ['minimum'] : []),
      ...(exclusiveMaximum === true ? ['maximum'] : []),
    ]),
    ...(exclusiveMinimum === true && { exclusiveMinimum: minimum }),
    ...(typeof exclusiveMinimum === 'number' && { exclusiveMinimum }),
    ...(exclusiveMaximum === true && { exclusiveMaximum: maximum }),
    ...(typeof exclusiveMaximum === 'number' && { exclusiveMaximum }),
    ...(nullable === true && typeof type === 'string' && { type: [type, 'null'] }),
    ...(nullable === true && Array.isArray(values) && !values.includes(null) && { enum: [...values, null] }),
    ...(example !== undefined && examples === undefined && { examples: [example] }),
  }
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

/** What a model is called that is made of a part of the document: the last keys that say something. */
function nameFor(place: Place): string {
  const telling = place.filter((key) => typeof key === 'string' && !SILENT.has(key) && !/^\d+$/.test(key))
  return telling.slice(-2).join('.') || 'model'
}

const SILENT = new Set([
  'components',
  'schemas',
  'definitions',
  'properties',
  'schema',
  'content',
  'items',
  'allOf',
  'oneOf',
  'anyOf',
])

/** Our own export keeps the descriptions of models, which OpenAPI has no place for. */
function modelDescriptions({ value }: SourceDocument): Fields {
  const own = value['x-turnpike']
  return isRecord(own) && isRecord(own.modelDescriptions) ? own.modelDescriptions : {}
}

/** The keyword that a pointer into a schema ends with. */
function keywordOf(path: string): string {
  return `"${path.split('/').findLast((key) => !/^\d+$/.test(key)) ?? ''}"`
}

/** Removes what stands at a JSON Pointer, from a list or an object. */
function removeAt(value: unknown, path: string): void {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop() ?? ''
  const parent = keys.reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value)
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else if (typeof parent === 'object' && parent !== null) delete (parent as Record<string, unknown>)[last]
}
