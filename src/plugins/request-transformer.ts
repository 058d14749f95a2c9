import { Type } from 'typebox'
import { isFieldName, isFieldValue } from '../lib/header-list.ts'
import { definePlugin, type Exchange, type Handlers, type Outcome, type Problem } from './plugin.ts'
import { checkTemplate, compileValue } from './variables.ts'

/** Fields that frame the message or belong to one connection: nobody but the gateway may touch them. */
const RESERVED = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'trailer',
  'upgrade',
  'te',
  'proxy-connection',
  'expect',
  'via',
])

const Fields = (title: string, description: string) =>
  Type.Record(Type.String(), Type.String({ maxLength: 8192 }), {
    title,
    description,
    default: {},
    examples: [{ 'x-stage': '${stage.name}' }],
  })
const Names = (title: string, description: string) =>
  Type.Array(Type.String({ maxLength: 256 }), { title, description, default: [], examples: [['x-internal']] })

/** One change to the request, compiled. A value that cannot go on a wire stops the request. */
type Step = (x: Exchange) => Outcome

export const requestTransformer = definePlugin({
  name: 'request-transformer',
  summary: 'Changes headers and query parameters before the backend sees them.',
  docs: 'Order: set, add, rename, remove; for headers first, then for the query. Setting `host` rewrites the Host that the backend sees. Fields that frame the message (`content-length`, `connection`, …) cannot be touched.',
  phase: 'transform',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      headers: Type.Object(
        {
          set: Fields('Set', 'One value in the place of all of this name.'),
          add: Fields('Add', 'One more value beside those that are there.'),
          rename: Type.Record(Type.String(), Type.String({ maxLength: 256 }), {
            title: 'Rename',
            description: 'Old name to new name.',
            default: {},
            examples: [{ 'x-user': 'x-account' }],
          }),
          remove: Names('Remove', 'Names that the backend shall not see.'),
        },
        {
          title: 'Headers',
          description: 'Changes to request headers.',
          default: {},
          additionalProperties: false,
          examples: [{ set: { 'x-stage': '${stage.name}' } }],
        },
      ),
      query: Type.Object(
        {
          set: Fields('Set', 'One value in the place of all of this name.'),
          add: Fields('Add', 'One more value beside those that are there.'),
          remove: Names('Remove', 'Parameters that the backend shall not see.'),
        },
        {
          title: 'Query',
          description: 'Changes to query parameters.',
          default: {},
          additionalProperties: false,
          examples: [{ set: { version: '2' } }],
        },
      ),
    },
    { additionalProperties: false },
  ),

  check({ headers, query }, { pathVariables }) {
    const values = (fields: Record<string, string>, at: string) =>
      Object.entries(fields).flatMap(([name, value]) => checkTemplate(value, pointer(at, name), pathVariables))
    return [
      ...Object.keys(headers.set).flatMap((name) => checkName(name, pointer('/headers/set', name))),
      ...Object.keys(headers.add).flatMap((name) => checkName(name, pointer('/headers/add', name))),
      ...Object.entries(headers.rename).flatMap(([from, to]) =>
        [from, to].flatMap((name) => checkName(name, pointer('/headers/rename', from))),
      ),
      ...headers.remove.flatMap((name, i) => checkName(name, `/headers/remove/${i}`)),
      ...values(headers.set, '/headers/set'),
      ...values(headers.add, '/headers/add'),
      ...values(query.set, '/query/set'),
      ...values(query.add, '/query/add'),
    ]
  },

  create({ headers, query }): Handlers {
    const steps = [...headerSteps(headers), ...querySteps(query)]
    if (steps.length === 0) return {}
    return {
      onRequest(x) {
        for (const step of steps) {
          const refused = step(x)
          if (refused !== undefined) return refused
        }
      },
    }
  },
})

type HeaderChanges = {
  set: Record<string, string>
  add: Record<string, string>
  rename: Record<string, string>
  remove: string[]
}
type QueryChanges = { set: Record<string, string>; add: Record<string, string>; remove: string[] }

function headerSteps({ set, add, rename, remove }: HeaderChanges): Step[] {
  const write = (fields: Record<string, string>, how: 'set' | 'add') =>
    Object.entries(fields).map(([name, template]): Step => {
      const value = compileValue(template)
      return (x) => {
        const text = value(x)
        if (!isFieldValue(text))
          return {
            reply: 'invalid-context-variable',
            detail: `The value for header ${name} has a character that no header may have.`,
          }
        x.request.headers[how](name, text)
        return undefined
      }
    })
  return [
    ...write(set, 'set'),
    ...write(add, 'add'),
    ...Object.entries(rename).map(([from, to]): Step => {
      const key = from.toLowerCase()
      return (x) => {
        x.request.headers.rename(key, to)
        return undefined
      }
    }),
    ...remove.map((name): Step => {
      const key = name.toLowerCase()
      return (x) => {
        x.request.headers.remove(key)
        return undefined
      }
    }),
  ]
}

function querySteps({ set, add, remove }: QueryChanges): Step[] {
  const appended = (x: Exchange, name: string, value: string) => {
    const pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
    x.request.query = x.request.query === '' ? pair : `${x.request.query}&${pair}`
  }
  return [
    ...Object.entries(set).map(([name, template]): Step => {
      const value = compileValue(template)
      return (x) => {
        const text = value(x)
        x.request.query = withoutParameter(x.request.query, name)
        appended(x, name, text)
        return undefined
      }
    }),
    ...Object.entries(add).map(([name, template]): Step => {
      const value = compileValue(template)
      return (x) => {
        appended(x, name, value(x))
        return undefined
      }
    }),
    ...remove.map(
      (name): Step =>
        (x) => {
          x.request.query = withoutParameter(x.request.query, name)
          return undefined
        },
    ),
  ]
}

/** Drops every pair of this name and leaves the others byte for byte as they were. */
function withoutParameter(query: string, name: string): string {
  if (query === '') return query
  return query
    .split('&')
    .filter((pair) => new URLSearchParams(pair).keys().next().value !== name)
    .join('&')
}

function checkName(name: string, path: string): Problem[] {
  if (!isFieldName(name)) return [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
  if (RESERVED.has(name.toLowerCase()))
    return [{ path, message: `"${name}" is set by the gateway itself and cannot be changed.` }]
  return []
}

function pointer(at: string, name: string): string {
  return `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
