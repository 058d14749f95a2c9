import { isFieldName } from '../lib/headers/header-list.ts'
import { nearest } from '../lib/nearest.ts'
import type { Content, MethodResponse, Parameter, RequestBody } from '../model/interface.ts'
import type { Method } from '../model/method.ts'
import type { Problem } from '../plugins/plugin.ts'
import { checkSchema } from './check-schema.ts'
import { pathVariables } from './paths.ts'

/** What a method takes and gives. */
export type Interface = Pick<Method, 'verb' | 'parameters' | 'requestBody' | 'responses'>

/** Header fields that OpenAPI describes elsewhere (3.1, section 4.8.12.2). */
export const DESCRIBED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['accept', 'the content types of the responses say it'],
  ['content-type', 'the content types of the body say it'],
  ['authorization', 'a plugin that authenticates says it'],
])
/** The styles of each place (OpenAPI 3.1, section 4.8.12.3). Fields of forms are written like queries. */
export const STYLES: Readonly<Record<Parameter['in'], readonly string[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
  form: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
}
/** Methods whose requests have no body. */
export const BODILESS = new Set(['GET', 'HEAD'])
/** The media types of forms. */
export const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data'])

/** Everything wrong with what a method at `path` takes and gives; `models` are the names that it may refer to. */
export function checkInterface(
  { verb, parameters, requestBody, responses }: Interface,
  path: string,
  models: ReadonlySet<string>,
): Problem[] {
  return [
    ...parameters.flatMap((parameter, i) => checkParameter(parameter, verb, path, models, `/parameters/${i}`)),
    ...twice(parameters.map(keyOf)).map((i) => ({
      path: `/parameters/${i}/name`,
      message: `There is already a ${parameters[i]?.in} parameter "${parameters[i]?.name}": keep one.`,
    })),
    ...(requestBody === null ? [] : checkBody(requestBody, parameters, models)),
    ...responses.flatMap((response, i) => checkResponse(response, models, `/responses/${i}`)),
    ...twice(responses.map(({ status }) => status)).map((i) => ({
      path: `/responses/${i}/status`,
      message: `There is already a response ${responses[i]?.status}: put both into one.`,
    })),
  ]
}

/** Parameters with what always holds: those of the path are required. */
export function withRequired(parameters: readonly Parameter[]): Parameter[] {
  return parameters.map((parameter) => (parameter.in === 'path' ? { ...parameter, required: true } : parameter))
}

function checkParameter(
  { in: place, name, schema, style }: Parameter,
  verb: Method['verb'],
  path: string,
  models: ReadonlySet<string>,
  at: string,
): Problem[] {
  return [
    ...(place === 'path' ? checkPathName(name, path, at) : []),
    ...(place === 'header' ? checkHeaderName(name, at) : []),
    ...(place === 'cookie' && !isFieldName(name)
      ? [{ path: `${at}/name`, message: `"${name}" is not a cookie name: use letters, digits and hyphens.` }]
      : []),
    ...(place === 'form' && BODILESS.has(verb)
      ? [{ path: `${at}/in`, message: `The fields of a form are in the body, and ${verb} has none: use query.` }]
      : []),
    ...(style === undefined || STYLES[place].includes(style)
      ? []
      : [
          {
            path: `${at}/style`,
            message: `A ${place} parameter has one of the styles ${STYLES[place].join(', ')}, not ${style}.`,
          },
        ]),
    ...checkSchema(schema, '2020-12', models, `${at}/schema`),
  ]
}

function checkPathName(name: string, path: string, at: string): Problem[] {
  const variables = pathVariables(path).map((variable) => variable.replace(/\+$/, ''))
  if (variables.includes(name)) return []
  const similar = nearest(name, variables)
  const known = variables.length === 0 ? 'it has none' : `it has ${variables.join(', ')}`
  return [
    {
      path: `${at}/name`,
      message: `"${path}" has no variable "${name}"${similar === undefined ? `: ${known}.` : `; did you mean "${similar}"?`}`,
    },
  ]
}

function checkHeaderName(name: string, at: string): Problem[] {
  const elsewhere = DESCRIBED_ELSEWHERE.get(name.toLowerCase())
  if (elsewhere !== undefined)
    return [{ path: `${at}/name`, message: `"${name}" is not described as a header: ${elsewhere}. Leave it out.` }]
  return isFieldName(name)
    ? []
    : [{ path: `${at}/name`, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
}

function checkBody({ content }: RequestBody, parameters: readonly Parameter[], models: ReadonlySet<string>): Problem[] {
  const hasForm = parameters.some((parameter) => parameter.in === 'form')
  return [
    ...checkContent(content, models, '/requestBody'),
    ...content.flatMap(({ contentType, schema }, i) =>
      hasForm && schema !== undefined && FORM_TYPES.has(mediaType(contentType))
        ? [
            {
              path: `/requestBody/content/${i}/schema`,
              message:
                'The form is described by parameters already: leave the schema out, or make the parameters part of it.',
            },
          ]
        : [],
    ),
  ]
}

function checkResponse({ headers, content }: MethodResponse, models: ReadonlySet<string>, at: string): Problem[] {
  return [
    ...headers.flatMap(({ name, schema }, i) => [
      ...(name.toLowerCase() === 'content-type' ? checkHeaderName(name, `${at}/headers/${i}`) : []),
      ...(isFieldName(name)
        ? []
        : [
            {
              path: `${at}/headers/${i}/name`,
              message: `"${name}" is not a header name: use letters, digits and hyphens.`,
            },
          ]),
      ...checkSchema(schema, '2020-12', models, `${at}/headers/${i}/schema`),
    ]),
    ...twice(headers.map(({ name }) => name.toLowerCase())).map((i) => ({
      path: `${at}/headers/${i}/name`,
      message: `There is already a header "${headers[i]?.name}": keep one.`,
    })),
    ...checkContent(content, models, at),
  ]
}

function checkContent(content: readonly Content[], models: ReadonlySet<string>, at: string): Problem[] {
  return [
    ...content.flatMap(({ schema }, i) =>
      schema === undefined ? [] : checkSchema(schema, '2020-12', models, `${at}/content/${i}/schema`),
    ),
    ...twice(content.map(({ contentType }) => contentType.replace(/ /g, ''))).map((i) => ({
      path: `${at}/content/${i}/contentType`,
      message: `There is already a body of type ${content[i]?.contentType}: keep one.`,
    })),
  ]
}

function mediaType(contentType: string): string {
  return contentType.split(';')[0]?.trim() ?? ''
}

function keyOf({ in: place, name }: Parameter): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`
}

/** The places of what has been there before. */
function twice(keys: readonly string[]): number[] {
  return keys.flatMap((key, i) => (keys.indexOf(key) === i ? [] : [i]))
}
