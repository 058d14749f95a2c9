import { type JsonSchema, referencesOf } from '../lib/json-schema.ts'
import { MODEL_REFERENCE } from '../model/json-schema.ts'
import type { Method } from '../model/method.ts'
import type { Model } from '../model/model.ts'

/** Which models are used where. */

/** Something that refers to a model. */
export interface ModelUse {
  /** The name of the model. */
  readonly model: string
  /** `GET /pets`, or `model Pet`. */
  readonly by: string
  /** JSON Pointer of the reference in it. */
  readonly pointer: string
}

/** Every use of a model by another model, or by itself. */
export function usesOfModels(models: readonly Model[]): ModelUse[] {
  return models.flatMap(({ name, schema }) => usesIn(schema, `model ${name}`, '/schema'))
}

/** Every use of a model by a method; `by` is how the method is called. */
export function usesOfMethod(method: Pick<Method, 'parameters' | 'requestBody' | 'responses'>, by: string): ModelUse[] {
  return schemasOf(method).flatMap(({ schema, pointer }) => usesIn(schema, by, pointer))
}

/** All schemas of a method, with their JSON Pointers. */
export function schemasOf({
  parameters,
  requestBody,
  responses,
}: Pick<Method, 'parameters' | 'requestBody' | 'responses'>): {
  readonly schema: JsonSchema
  readonly pointer: string
}[] {
  const ofContent = (content: readonly { schema?: JsonSchema }[], at: string) =>
    content.flatMap(({ schema }, i) => (schema === undefined ? [] : [{ schema, pointer: `${at}/content/${i}/schema` }]))
  return [
    ...parameters.map(({ schema }, i) => ({ schema, pointer: `/parameters/${i}/schema` })),
    ...(requestBody === null ? [] : ofContent(requestBody.content, '/requestBody')),
    ...responses.flatMap(({ headers, content }, i) => [
      ...headers.map(({ schema }, j) => ({ schema, pointer: `/responses/${i}/headers/${j}/schema` })),
      ...ofContent(content, `/responses/${i}`),
    ]),
  ]
}

function usesIn(schema: JsonSchema, by: string, at: string): ModelUse[] {
  return referencesOf(schema).flatMap(({ reference, pointer }) =>
    reference.startsWith(MODEL_REFERENCE)
      ? [{ model: reference.slice(MODEL_REFERENCE.length), by, pointer: at + pointer }]
      : [],
  )
}
