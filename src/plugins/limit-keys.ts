import { type Static, Type } from '#bundles/typebox'
import { parseTemplate } from '../lib/template.ts'
import type { CheckContext, Exchange, PluginScope, Problem } from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate, resolveVariable } from './variables.ts'

/** By what limits tell requests apart: the settings that limiting plugins have in common, and what they mean. */

/** The settings. */
export const limitKeyFields = {
  scope: Type.Enum(['route', 'stage'], {
    title: 'Counted per',
    description:
      '`route`: each method of each path has a count of its own. `stage`: all methods of the stage that have the same limit are counted together.',
    default: 'route',
    examples: ['stage'],
  }),
  by: Type.Enum(['all', 'client-ip', 'consumer', 'header', 'path-variable', 'template'], {
    title: 'By',
    description:
      'What has a count of its own: nothing (`all` requests together), the client address, the consumer that a plugin has found, a header, a path variable, or a template.',
    default: 'all',
    examples: ['client-ip'],
  }),
  name: Type.Optional(
    Type.String({
      title: 'Name',
      description: 'Of the header or path variable.',
      minLength: 1,
      maxLength: 200,
      examples: ['x-tenant'],
    }),
  ),
  template: Type.Optional(
    Type.String({
      title: 'Template',
      description: 'Text with context variables, where one value is not enough.',
      minLength: 1,
      maxLength: 1000,
      examples: [`\${consumer.id} \${request.httpMethod}`],
      [TEMPLATE_MARK]: true,
    }),
  ),
  withoutKey: Type.Enum(['pass', 'refuse'], {
    title: 'Without a key',
    description: 'What becomes of a request that has no such header, variable or consumer: not limited, or 400.',
    default: 'pass',
    examples: ['refuse'],
  }),
}
const LimitKey = Type.Object(limitKeyFields)
export type LimitKey = Static<typeof LimitKey>

/** What is wrong with the settings that their schema cannot say. */
export function checkLimitKey({ by, name, template }: LimitKey, { pathVariables }: CheckContext): Problem[] {
  const needsName = by === 'header' || by === 'path-variable'
  if (needsName && name === undefined) return [{ path: '/name', message: `Name the ${by.replace('-', ' ')}.` }]
  if (!needsName && name !== undefined)
    return [{ path: '/name', message: `A name means nothing where it goes by ${by}: leave it out.` }]
  if (by === 'template' && template === undefined) return [{ path: '/template', message: 'Give the template.' }]
  if (by !== 'template' && template !== undefined)
    return [{ path: '/template', message: `A template means nothing where it goes by ${by}: leave it out.` }]
  if (template !== undefined) return checkTemplate(template, '/template', pathVariables)
  if (by !== 'path-variable' || name === undefined || pathVariables.includes(name)) return []
  const known = pathVariables.length === 0 ? 'it has none' : `it has ${pathVariables.join(', ')}`
  return [{ path: '/name', message: `This path does not have the variable "${name}": ${known}.` }]
}

/** Names the count that a plugin keeps, so that it is the same over deployments and workers. */
export function limitName(plugin: string, { scope, by, name, template }: LimitKey, place: PluginScope): string {
  const where = scope === 'route' ? place.routeId : ''
  return JSON.stringify([plugin, place.stageId, where, by, name ?? template ?? ''])
}

/** Reads the key of a request; undefined where it has none. */
export function limitKeyReader({ by, name = '', template = '' }: LimitKey): (x: Exchange) => string | undefined {
  switch (by) {
    case 'all':
      return () => ''
    case 'client-ip':
      return (x) => x.clientIp
    case 'consumer':
      return (x) => x.consumer?.id
    case 'header':
      return resolveVariable(`request.header.${name}`) ?? (() => undefined)
    case 'path-variable':
      return (x) => x.request.variable(name)
    case 'template':
      return templateReader(template)
  }
}

/** A template is no key where one of its variables has no value: else all such requests would be one. */
function templateReader(template: string): (x: Exchange) => string | undefined {
  const parts = parseTemplate(template).map((part) => {
    if (part.kind === 'text') return () => part.text
    const read = resolveVariable(part.name)
    const unset = part.emptyWhenUnset ? '' : undefined
    return (x: Exchange) => read?.(x) ?? unset
  })
  return (x) => {
    let key = ''
    for (const read of parts) {
      const text = read(x)
      if (text === undefined) return undefined
      key += text
    }
    return key
  }
}
