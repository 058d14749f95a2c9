import { ConditionCompiler } from '../lib/cel/compiler.ts'
import { type CelMap, type CelVariables, type Condition, InvalidCondition } from '../lib/cel/language.ts'
import { queryValues } from '../lib/query.ts'
import type { Exchange, Problem } from './plugin.ts'

/** The conditions of attachments (`when`): what they may ask about a request. The language itself is `lib/cel/`. */

const keyed = (description: string, get: (x: Exchange, key: string) => string | undefined): CelMap<Exchange> => ({
  type: 'map<string, string>',
  description,
  missing: '',
  get,
})

/** Every variable of conditions, by name. */
export const conditionVariables: CelVariables<Exchange> = {
  'request.method': {
    type: 'string',
    description: 'The method, in upper case: `GET`.',
    read: (x) => x.request.method,
  },
  'request.path': {
    type: 'string',
    description: 'The canonical path, as routes are found by it.',
    read: (x) => x.request.path,
  },
  'request.host': {
    type: 'string',
    description: 'The host that the client asked for, in lower case, with its port if it gave one.',
    read: (x) => x.request.host.toLowerCase(),
  },
  'request.scheme': { type: 'string', description: '`http` or `https`.', read: (x) => x.request.scheme },
  'request.clientIp': {
    type: 'string',
    description: 'The address of the client, as the trusted proxies resolve it.',
    read: (x) => x.clientIp,
  },
  'request.id': { type: 'string', description: 'The id of the request.', read: (x) => x.id },
  'request.time': {
    type: 'timestamp',
    description: 'When the request came.',
    read: (x) => x.receivedAt,
  },
  'request.bodySize': {
    type: 'int',
    description: 'The declared length of the body in bytes; -1 where it is not declared.',
    read: (x) => x.request.contentLength,
  },
  'request.headers': {
    ...keyed('Headers by name, in lower case; several of one name joined by ", ".', (x, name) =>
      name === 'host' ? x.request.host : x.request.headers.get(name),
    ),
    checkKey: (name) =>
      name === name.toLowerCase()
        ? null
        : `Header names are in lower case here: write "${name.toLowerCase()}" instead of "${name}".`,
  },
  'request.query': keyed('Query parameters by name, decoded; several of one name joined by ",".', (x, name) =>
    queryValues(x.request.query, name),
  ),
  'request.pathVariables': keyed('Path variables by name, decoded.', (x, name) => {
    const value = x.request.variable(name)
    return value?.includes('%') ? decodeURIComponent(value) : value
  }),
  'route.pattern': {
    type: 'string',
    description: 'The pattern of the route: `/pets/{petId}`.',
    read: (x) => x.route.pattern,
  },
  'stage.name': { type: 'string', description: 'The name of the stage.', read: (x) => x.stage.name },
  'stage.variables': keyed('Variables of the stage by name.', (x, name) =>
    Object.hasOwn(x.stage.variables, name) ? x.stage.variables[name] : undefined,
  ),
  'consumer.id': {
    type: 'string',
    description: 'The id of the consumer; empty where none is known.',
    read: (x) => x.consumer?.id ?? '',
  },
  'consumer.name': {
    type: 'string',
    description: 'The name of the consumer; empty where none is known.',
    read: (x) => x.consumer?.name ?? '',
  },
  'consumer.groups': {
    type: 'list<string>',
    description: 'The groups of the consumer; empty where none is known.',
    read: (x) => x.consumer?.groups ?? NO_GROUPS,
  },
  'jwt.claims': {
    type: 'map<string, dyn>',
    description: 'Claims of the token that has been verified, by name; null for one that is not there.',
    missing: null,
    get: (x, name) => (x.claims !== null && Object.hasOwn(x.claims, name) ? x.claims[name] : undefined),
  },
}

const NO_GROUPS: readonly string[] = []
const compiler = new ConditionCompiler(conditionVariables)

/** Compiles the condition of an attachment. Throws `InvalidCondition`. */
export function compileCondition(expression: string): Condition<Exchange> {
  return compiler.compile(expression)
}

/** What is wrong with a condition on a node with these path variables; `path` is the JSON Pointer of the condition. */
export function checkCondition(expression: string, path: string, pathVariables: readonly string[]): Problem[] {
  try {
    compilerFor(pathVariables).compile(expression)
    return []
  } catch (error) {
    if (error instanceof InvalidCondition)
      return [{ path, message: `${error.message} (At character ${error.at + 1}.)` }]
    throw error
  }
}

/** The same language, with the path variables known. */
function compilerFor(pathVariables: readonly string[]): ConditionCompiler<Exchange> {
  const known = pathVariables.length === 0 ? 'it has none' : `it has ${pathVariables.join(', ')}`
  return compiler.checking('request.pathVariables', (name) =>
    pathVariables.includes(name) ? null : `"${name}" is a path variable that this path does not have: ${known}.`,
  )
}
