import type { Pair } from './target.ts'

/** The routes that a request can be made for: from an OpenAPI document, and from a snapshot, which has every route of a stage. */

export interface TryParameter {
  readonly name: string
  readonly in: 'query' | 'header'
  readonly isRequired: boolean
  readonly description: string
  readonly example: string
}

export interface TryRoute {
  readonly verb: string
  readonly pattern: string
  readonly summary: string
  readonly parameters: readonly TryParameter[]
  /** Of a request body; empty where it has none that is known. */
  readonly contentTypes: readonly string[]
}

type Json = Readonly<Record<string, unknown>>
const ANY = 'x-turnpike-any'
const verbs = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options']

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const asText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** The routes of a document, in its order. */
export function routesOfDocument(document: unknown): TryRoute[] {
  return Object.entries(asObject(asObject(document).paths)).flatMap(([pattern, item]) =>
    [...verbs, ANY].flatMap((key) => {
      const operation = asObject(item)[key]
      return operation === undefined ? [] : [routeOf(pattern, key === ANY ? 'ANY' : key.toUpperCase(), operation)]
    }),
  )
}

function routeOf(pattern: string, verb: string, operation: unknown): TryRoute {
  const { summary, parameters, requestBody } = asObject(operation)
  return {
    verb,
    pattern,
    summary: asText(summary),
    parameters: Array.isArray(parameters) ? parameters.flatMap(parameterOf) : [],
    contentTypes: Object.keys(asObject(asObject(requestBody).content)),
  }
}

function parameterOf(given: unknown): TryParameter[] {
  const { name, in: place, required, description, example, schema } = asObject(given)
  if (place !== 'query' && place !== 'header') return []
  const { default: fallback, examples } = asObject(schema)
  const [first] = Array.isArray(examples) ? examples : []
  return [
    {
      name: asText(name),
      in: place,
      isRequired: required === true,
      description: asText(description),
      example: asText(example ?? first ?? fallback),
    },
  ]
}

/** The routes of a snapshot, with what a document says of them. */
export function routesOfSnapshot(snapshot: unknown, document: unknown): TryRoute[] {
  const { routes } = asObject(snapshot)
  const known = new Map(routesOfDocument(document).map((route) => [keyOf(route), route]))
  return (Array.isArray(routes) ? routes : []).flatMap((given) => {
    const { pattern, method, isImplied } = asObject(given)
    if (isImplied === true) return []
    const route = { verb: asText(method), pattern: asText(pattern) }
    return [known.get(keyOf(route)) ?? { ...route, summary: '', parameters: [], contentTypes: [] }]
  })
}

/** What a route is called: `GET /pets/{id}`. */
export const keyOf = ({ verb, pattern }: Pick<TryRoute, 'verb' | 'pattern'>): string => `${verb} ${pattern}`

/** The parameters of a route as rows: those that must be there, or have an example. */
export function firstRows(route: TryRoute, place: TryParameter['in']): Pair[] {
  return route.parameters
    .filter((parameter) => parameter.in === place && (parameter.isRequired || parameter.example !== ''))
    .map(({ name, example }) => ({ name, value: example }))
}
