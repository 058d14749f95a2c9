import type { JsonSchema } from '../../lib/json-schema.ts'
import type { Parameter } from '../../model/interface.ts'
import { type Fields, isRecord, type Place } from './source.ts'

/**
 * Fields of forms are parameters in a design and Swagger 2.0, and properties of the body in OpenAPI 3. Our own export marks
 * such bodies, so that they are read as what they were; forms of other documents stay bodies.
 */

const MARK = 'x-turnpike-form'
type FormStyle = Pick<Parameter, 'style' | 'explode'>

/** A form field whose schema is still as it stands in the document. */
type RawField = Omit<Parameter, 'schema'> & {
  readonly schema: unknown
  /** Where it stands below the media types. */
  readonly at: Place
}

/** The media types that carry form fields, for the export. `implied`: no body says that there are such. */
export function writeForm(
  parameters: readonly Parameter[],
  isImplied: boolean,
  link: (schema: JsonSchema, at: Place) => JsonSchema,
) {
  const fields = parameters.map((field) => [field.name, writeField(field, link)] as const)
  const required = parameters.flatMap(({ name, required }) => (required ? [name] : []))
  const styled = parameters.flatMap(({ name, style, explode }) =>
    style === undefined && explode === undefined
      ? []
      : [[name, { ...(style !== undefined && { style }), ...(explode !== undefined && { explode }) }] as const],
  )
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields),
      ...(required.length > 0 && { required }),
    },
    ...(styled.length > 0 && { encoding: Object.fromEntries(styled) }),
    [MARK]: { names: parameters.map(({ name }) => name), ...(isImplied && { implied: true }) },
  }
}

/** The form fields of marked media types, and the media types as a body has them without; null where nothing is marked. */
export function readFormParameters(content: Fields): { parameters: RawField[]; rest: Fields } | null {
  const marked = Object.entries(content).filter(([, media]) => isRecord(media) && isRecord(media[MARK]))
  const [first] = marked
  if (first === undefined) return null
  const [type, media] = first
  const { schema, encoding, [MARK]: mark } = media as Fields
  const { properties, required } = isRecord(schema) ? schema : {}
  const fields = isRecord(properties) ? properties : {}
  const said = isRecord(mark) && Array.isArray(mark.names) ? mark.names.map(String) : []
  const names = [...new Set([...said.filter((name) => Object.hasOwn(fields, name)), ...Object.keys(fields)])]
  const parameters = names.map((name) => {
    const style = isRecord(encoding) && isRecord(encoding[name]) ? (encoding[name] as FormStyle) : {}
    return readField(name, fields[name], {
      required: Array.isArray(required) && required.includes(name),
      ...style,
      at: [type, 'schema', 'properties', name],
    })
  })
  const rest = Object.entries(content).flatMap(([type, media]) => {
    const own = isRecord(media) && isRecord(media[MARK]) ? media[MARK] : null
    if (own === null) return [[type, media]]
    return own.implied === true ? [] : [[type, {}]]
  })
  return { parameters, rest: Object.fromEntries(rest) }
}

/** A schema with what is said of the field; in a schema of its own where the two could be taken for one another. */
function writeField(
  { name, schema, description, deprecated }: Parameter,
  link: (schema: JsonSchema, at: Place) => JsonSchema,
): unknown {
  const said = { ...(description !== '' && { description }), ...(deprecated && { deprecated }) }
  const at = ['schema', 'properties', name]
  const isPlain =
    typeof schema === 'object' &&
    !['description', 'deprecated', 'allOf', '$ref'].some((keyword) => Object.hasOwn(schema, keyword))
  return isPlain
    ? { ...(link(schema, at) as Fields), ...said }
    : { allOf: [link(schema, [...at, 'allOf', 0])], ...said }
}

function readField(
  name: string,
  given: unknown,
  { required, style, explode, at }: FormStyle & { readonly required: boolean; readonly at: Place },
): RawField {
  const { description = '', deprecated = false, ...schema } = isRecord(given) ? given : {}
  const isWrapped = Array.isArray(schema.allOf) && schema.allOf.length === 1 && Object.keys(schema).length === 1
  return {
    in: 'form',
    name,
    description: String(description),
    required,
    deprecated: deprecated === true,
    schema: isWrapped ? (schema.allOf as unknown[])[0] : schema,
    at: isWrapped ? [...at, 'allOf', 0] : at,
    ...(style !== undefined && { style }),
    ...(explode !== undefined && { explode }),
  }
}
