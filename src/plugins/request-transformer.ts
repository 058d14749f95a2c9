import { Type } from '#bundles/typebox'
import { checkHeaderChanges, compileHeaderChanges, Fields, HeaderChanges, Names, pointer } from './header-changes.ts'
import { definePlugin, type Exchange, type Handlers, type Outcome } from './plugin.ts'
import { checkTemplate, compileValue } from './variables.ts'

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
      headers: HeaderChanges('Changes to request headers.'),
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
      ...checkHeaderChanges(headers, '/headers', pathVariables),
      ...values(query.set, '/query/set'),
      ...values(query.add, '/query/add'),
    ]
  },

  create({ headers, query }): Handlers {
    const steps = [
      ...compileHeaderChanges(headers).map(
        (change): Step =>
          (x) =>
            toOutcome(change(x, x.request.headers)),
      ),
      ...querySteps(query),
    ]
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

type QueryChanges = { set: Record<string, string>; add: Record<string, string>; remove: string[] }

function toOutcome(badName: string | null): Outcome {
  if (badName === null) return undefined
  return {
    reply: 'invalid-context-variable',
    detail: `The value for header ${badName} has a character that no header may have.`,
  }
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
