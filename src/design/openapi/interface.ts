import { isFieldName } from '../../lib/headers/header-list.ts'
import type { JsonSchema } from '../../lib/json-schema.ts'
import type { Content, MethodResponse, Parameter, RequestBody } from '../../model/interface.ts'
import type { Method, Verb } from '../../model/method.ts'
import { BODILESS, DESCRIBED_ELSEWHERE, FORM_TYPES, STYLES } from '../check-interface.ts'
import { readFormParameters } from './forms.ts'
import type { Report } from './notes.ts'
import type { References } from './references.ts'
import type { Schemas } from './schemas.ts'
import { type Fields, isRecord, type Place } from './source.ts'

/** What operations take and give, in the words of OpenAPI 3: parameters, bodies and responses. */

type Style = NonNullable<Parameter['style']>

/** What methods hold at most; see the model. */
const MOST = { parameters: 500, responses: 200, headers: 100, content: 50 } as const
const MAX_DESCRIPTION = 10_000
const MAX_NAME = 200
const CONTENT_TYPE = /^[a-z0-9!#$&^_.+*-]+\/[a-z0-9!#$&^_.+*-]+(?: *;.*)?$/
const STATUS = /^(?:[1-5][0-9]{2}|[1-5]XX|default)$/

/** An operation with what its path says for all of them. */
export interface OperationSource {
  readonly verb: Verb
  /** The variables of the path: what each is called in the design. */
  readonly variables: ReadonlyMap<string, string>
  /** Parameters of the path, then of the operation, with their places; the later of the same name counts. */
  readonly parameters: readonly { readonly value: unknown; readonly place: Place }[]
  readonly requestBody: unknown
  readonly responses: unknown
  readonly place: Place
}

type Interface = Pick<Method, 'parameters' | 'requestBody' | 'responses'>

export class InterfaceReader {
  private readonly references: References
  private readonly schemas: Schemas
  private readonly report: Report

  constructor(references: References, schemas: Schemas, report: Report) {
    this.references = references
    this.schemas = schemas
    this.report = report
  }

  read(source: OperationSource): Interface {
    const parameters = this.readParameters(source)
    const body = this.readBody(source)
    return {
      parameters: [...parameters, ...body.form].slice(0, MOST.parameters),
      requestBody: body.requestBody,
      responses: this.readResponses(source.responses, [...source.place, 'responses']),
    }
  }

  private readParameters({ parameters, verb, variables }: OperationSource): Parameter[] {
    const read = new Map<string, Parameter>()
    for (const { value, place } of parameters) {
      const found = this.references.resolve(value, place, 'a parameter')
      const parameter = found === null ? null : this.readParameter(found.value, found.place, verb, variables)
      if (parameter !== null) read.set(keyOf(parameter), parameter)
    }
    if (read.size > MOST.parameters) this.report.note('tooMany', parameters[0]?.place ?? [])
    return [...read.values()]
  }

  private readParameter(
    given: Fields,
    place: Place,
    verb: Verb,
    variables: ReadonlyMap<string, string>,
  ): Parameter | null {
    const { in: where, name: rawName } = given
    const name = typeof rawName === 'string' ? rawName.trim().slice(0, MAX_NAME) : ''
    if (!isPlace(where) || name === '') {
      this.report.problem(place, 'a parameter has a "name", and an "in" that says where it is.')
      return null
    }
    const plain = where === 'path' ? name.replace(/\+$/, '') : name
    const fault = faultOf(where, plain, verb, variables)
    if (fault === 'implied' || given['x-turnpike-implied'] === true) return null
    if (fault !== null) {
      this.report.note(fault, place, fault === 'describedElsewhere' ? plain : `"${plain}"`)
      return null
    }
    if (given.allowEmptyValue === true) this.report.note('allowEmptyValue', place)
    if (given.allowReserved === true) this.report.note('allowEmptyValue', place)
    return {
      in: where,
      name: where === 'path' ? (variables.get(plain) ?? plain) : plain,
      description: this.text(given.description, place),
      required: where === 'path' || given.required === true,
      deprecated: given.deprecated === true,
      schema: this.withExamples(this.parameterSchema(given, place), given),
      ...this.readStyle(given.style, where, place),
      ...(typeof given.explode === 'boolean' && { explode: given.explode }),
    }
  }

  /** A parameter that is written as JSON is a text with content (JSON Schema 2020-12, validation, section 8). */
  private parameterSchema(given: Fields, place: Place): JsonSchema {
    if (!isRecord(given.content)) return this.schemas.inline(given.schema ?? {}, [...place, 'schema'])
    const [[contentMediaType, media] = ['application/json', {}]] = Object.entries(given.content)
    const at = [...place, 'content', contentMediaType]
    const schema = isRecord(media) && media.schema !== undefined ? media.schema : {}
    const contentSchema = this.schemas.inline(schema, [...at, 'schema'])
    return this.withExamples({ type: 'string', contentMediaType, contentSchema }, isRecord(media) ? media : {})
  }

  private readStyle(style: unknown, where: Parameter['in'], place: Place): { style?: Style } {
    if (style === undefined) return {}
    if (STYLES[where].includes(String(style))) return { style: style as Style }
    this.report.note('style', place, String(style))
    return {}
  }

  private readBody({ requestBody, verb, place }: OperationSource): {
    requestBody: RequestBody | null
    form: Parameter[]
  } {
    if (requestBody === undefined) return { requestBody: null, form: [] }
    const found = this.references.resolve(requestBody, [...place, 'requestBody'], 'a request body')
    if (found === null) return { requestBody: null, form: [] }
    const media = isRecord(found.value.content) ? found.value.content : {}
    const form = BODILESS.has(verb) ? null : readFormParameters(media)
    const content = this.readContent(form?.rest ?? media, [...found.place, 'content'])
    const parameters = (form?.parameters ?? []).map(
      ({ schema, at, ...others }): Parameter => ({
        ...others,
        schema: this.schemas.inline(schema, [...found.place, 'content', ...at]),
      }),
    )
    if (found.value['x-turnpike-implied'] === true) return { requestBody: null, form: parameters }
    const body = {
      description: this.text(found.value.description, found.place),
      required: found.value.required === true,
      content,
    }
    return { requestBody: body, form: parameters }
  }

  private readResponses(given: unknown, place: Place): MethodResponse[] {
    if (!isRecord(given)) return []
    const responses = new Map<string, MethodResponse>()
    for (const [key, value] of Object.entries(given)) {
      if (key.startsWith('x-')) continue
      const at = [...place, key]
      const status = key.replace(/^([1-5])xx$/i, '$1XX')
      if (!STATUS.test(status)) {
        this.report.note('badStatus', at, `"${key}"`)
        continue
      }
      const found = this.references.resolve(value, at, 'a response')
      if (found === null) continue
      if (isRecord(found.value.links) && Object.keys(found.value.links).length > 0)
        this.report.note('links', found.place)
      responses.set(status, {
        status,
        description: this.text(found.value.description, found.place),
        headers: this.readHeaders(found.value.headers, [...found.place, 'headers']),
        content: this.readContent(found.value.content, [...found.place, 'content']),
      })
    }
    if (responses.size > MOST.responses) this.report.note('tooMany', place)
    return [...responses.values()].slice(0, MOST.responses)
  }

  private readHeaders(given: unknown, place: Place): MethodResponse['headers'] {
    if (!isRecord(given)) return []
    const headers = new Map<string, MethodResponse['headers'][number]>()
    for (const [name, value] of Object.entries(given)) {
      const at = [...place, name]
      const key = name.toLowerCase()
      if (key === 'content-type') this.report.note('describedElsewhere', at, name)
      else if (!isFieldName(name) || name.length > MAX_NAME) this.report.note('badName', at, `"${name}"`)
      else if (headers.has(key)) this.report.note('duplicateHeader', at, `"${name}"`)
      else {
        const found = this.references.resolve(value, at, 'a header')
        if (found === null) continue
        headers.set(key, {
          name,
          description: this.text(found.value.description, found.place),
          required: found.value.required === true,
          schema: this.withExamples(this.parameterSchema(found.value, found.place), found.value),
        })
      }
    }
    if (headers.size > MOST.headers) this.report.note('tooMany', place)
    return [...headers.values()].slice(0, MOST.headers)
  }

  private readContent(given: unknown, place: Place): Content[] {
    if (!isRecord(given)) return []
    const content = new Map<string, Content>()
    for (const [key, media] of Object.entries(given)) {
      const at = [...place, key]
      const contentType = lowerType(key)
      const same = contentType.replace(/ /g, '')
      if (!CONTENT_TYPE.test(contentType) || contentType.length > MAX_NAME)
        this.report.note('badContentType', at, `"${key}"`)
      else if (content.has(same)) this.report.note('duplicateContent', at, contentType)
      else {
        const { schema = undefined, encoding, ...others } = isRecord(media) ? media : {}
        if (encoding !== undefined && !FORM_TYPES.has(contentType)) this.report.note('encoding', at)
        else if (isRecord(encoding)) this.report.note('encoding', at)
        const read = schema === undefined ? undefined : this.schemas.inline(schema, [...at, 'schema'])
        const shown = read === undefined && !hasExamples(others) ? undefined : this.withExamples(read ?? {}, others)
        content.set(same, { contentType, ...(shown !== undefined && { schema: shown }) })
      }
    }
    if (content.size > MOST.content) this.report.note('tooMany', place)
    return [...content.values()].slice(0, MOST.content)
  }

  /** Examples that stand beside a schema go into it, where there are none yet. */
  private withExamples(schema: JsonSchema, { example, examples }: Fields): JsonSchema {
    const found = example !== undefined ? [example] : isRecord(examples) ? this.valuesOf(examples) : []
    if (found.length === 0 || typeof schema === 'boolean' || schema.examples !== undefined) return schema
    return { ...schema, examples: found }
  }

  private valuesOf(examples: Fields): unknown[] {
    return Object.values(examples).flatMap((given) => {
      const named = isRecord(given) && typeof given.$ref === 'string' ? this.followExample(given.$ref) : given
      return isRecord(named) && named.value !== undefined ? [named.value] : []
    })
  }

  private followExample(reference: string): unknown {
    return this.references.resolve({ $ref: reference }, [], 'an example')?.value
  }

  private text(given: unknown, place: Place): string {
    const text = typeof given === 'string' ? given : ''
    if (text.length > MAX_DESCRIPTION) this.report.note('longText', place)
    return text.slice(0, MAX_DESCRIPTION)
  }
}

function isPlace(where: unknown): where is Parameter['in'] {
  return typeof where === 'string' && Object.hasOwn(STYLES, where)
}

/** Why a parameter cannot be one here. */
function faultOf(
  where: Parameter['in'],
  name: string,
  verb: Verb,
  variables: ReadonlyMap<string, string>,
): 'unknownVariable' | 'describedElsewhere' | 'badName' | 'formWithoutBody' | 'implied' | null {
  if (where === 'path') return variables.has(name) ? null : 'unknownVariable'
  if (where === 'header' && DESCRIBED_ELSEWHERE.has(name.toLowerCase())) return 'describedElsewhere'
  if ((where === 'header' || where === 'cookie') && !isFieldName(name)) return 'badName'
  return where === 'form' && BODILESS.has(verb) ? 'formWithoutBody' : null
}

function keyOf({ in: place, name }: Parameter): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`
}

/** A media type in lower case; its parameters stay as they are. */
function lowerType(given: string): string {
  const [type = '', ...parameters] = given.trim().split(';')
  return [type.toLowerCase(), ...parameters].join(';')
}

function hasExamples({ example, examples }: Fields): boolean {
  return example !== undefined || isRecord(examples)
}
