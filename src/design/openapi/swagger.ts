import { FORM_TYPES } from '../check-interface.ts'
import type { OperationSource } from './interface.ts'
import type { Report } from './notes.ts'
import type { References } from './references.ts'
import { type Fields, isRecord, type Place } from './source.ts'

/** Operations of Swagger 2.0 in the words of OpenAPI 3; fields of forms stay parameters, as they are in a design. */

/** What says in 2.0 what a value is; all else of a parameter is said of the parameter. */
const PARAMETER_WORDS = new Set(['name', 'in', 'description', 'required', 'collectionFormat', 'allowEmptyValue'])
const DEFAULT_TYPE = 'application/json'

type Given = Pick<OperationSource, 'parameters' | 'place'>

export class SwaggerReader {
  private readonly root: Fields
  private readonly references: References
  private readonly report: Report

  constructor(root: Fields, references: References, report: Report) {
    this.root = root
    this.references = references
    this.report = report
  }

  /** Parameters, body and responses of an operation. */
  read(
    operation: Fields,
    { parameters, place }: Given,
  ): Pick<OperationSource, 'parameters' | 'requestBody' | 'responses'> {
    const found = parameters.flatMap(({ value, place: at }) => this.references.resolve(value, at, 'a parameter') ?? [])
    const body = found.findLast(({ value }) => value.in === 'body')
    const fields = found.filter(({ value }) => value.in === 'formData')
    return {
      parameters: found.flatMap((one) =>
        one.value.in === 'body' ? [] : [{ value: this.readParameter(one.value, one.place), place: one.place }],
      ),
      requestBody: this.readBody(body?.value, fields, typesOf(operation.consumes ?? this.root.consumes)),
      responses: this.readResponses(operation, place),
    }
  }

  private readParameter(given: Fields, place: Place): Fields {
    const { name, in: where, description, required, allowEmptyValue } = given
    return {
      name,
      in: where === 'formData' ? 'form' : where,
      description,
      required,
      allowEmptyValue,
      'x-turnpike-implied': given['x-turnpike-implied'],
      schema: schemaOf(given),
      ...(given.type === 'array' && this.readFormat(given, where, place)),
    }
  }

  private readFormat({ collectionFormat = 'csv', items }: Fields, where: unknown, place: Place): Fields {
    if (isRecord(items) && items.collectionFormat !== undefined) this.report.note('collectionFormat', place)
    const isListed = where === 'query' || where === 'formData'
    if (collectionFormat === 'csv') return isListed ? { style: 'form', explode: false } : {}
    if (collectionFormat === 'multi') return isListed ? { style: 'form', explode: true } : {}
    if (isListed && collectionFormat === 'ssv') return { style: 'spaceDelimited', explode: false }
    if (isListed && collectionFormat === 'pipes') return { style: 'pipeDelimited', explode: false }
    this.report.note('collectionFormat', place)
    return {}
  }

  private readBody(
    body: Fields | undefined,
    fields: readonly { readonly value: Fields }[],
    consumes: readonly string[],
  ): Fields | undefined {
    if (fields.length > 0) {
      const hasFile = fields.some(({ value }) => value.type === 'file')
      const said = consumes.filter((type) => FORM_TYPES.has(type))
      const types = said.length > 0 ? said : [hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded']
      const required = fields.some(({ value }) => value.required === true)
      return { required, content: Object.fromEntries(types.map((type) => [type, {}])) }
    }
    if (body === undefined) return undefined
    const types = consumes.length > 0 ? consumes : [DEFAULT_TYPE]
    const { description, required, schema } = body
    return { description, required, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
  }

  private readResponses({ responses, produces }: Fields, place: Place): unknown {
    if (!isRecord(responses)) return responses
    const said = typesOf(produces ?? this.root.produces)
    const entries = Object.entries(responses).flatMap(([status, given]) => {
      if (status.startsWith('x-')) return []
      const found = this.references.resolve(given, [...place, 'responses', status], 'a response')
      return found === null ? [] : [[status, readResponse(found.value, said)]]
    })
    return Object.fromEntries(entries)
  }
}

function readResponse({ description, schema, headers, examples }: Fields, produces: readonly string[]): Fields {
  const shown = isRecord(examples) ? examples : {}
  const types = new Set([
    ...(schema === undefined ? [] : produces.length > 0 ? produces : [DEFAULT_TYPE]),
    ...Object.keys(shown).filter((type) => type.includes('/')),
  ])
  const content = [...types].map((type) => [
    type,
    { ...(schema !== undefined && { schema }), ...(shown[type] !== undefined && { example: shown[type] }) },
  ])
  const fields = Object.entries(isRecord(headers) ? headers : {}).map(([name, header]) => [
    name,
    isRecord(header) ? { description: header.description, schema: schemaOf(header) } : header,
  ])
  return {
    description,
    ...(fields.length > 0 && { headers: Object.fromEntries(fields) }),
    ...(content.length > 0 && { content: Object.fromEntries(content) }),
  }
}

function schemaOf(given: Fields): Fields {
  const { schema } = given
  if (isRecord(schema)) return schema
  return Object.fromEntries(
    Object.entries(given).filter(([word]) => !PARAMETER_WORDS.has(word) && word !== 'x-turnpike-implied'),
  )
}

function typesOf(given: unknown): string[] {
  return Array.isArray(given) ? given.filter((type) => typeof type === 'string').map((type) => type.toLowerCase()) : []
}
