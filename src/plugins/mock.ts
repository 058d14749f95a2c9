import { Type } from '#bundles/typebox'
import { isFieldName, isFieldValue } from '../lib/headers/header-list.ts'
import { definePlugin, type Problem } from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate, compileValue } from './variables.ts'

/** Fields that frame the message or belong to one connection: the gateway's own business. */
const RESERVED = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'trailer',
  'upgrade',
  'te',
  'proxy-connection',
])

export const mock = definePlugin({
  name: 'mock',
  summary: 'Answers with a fixed response instead of calling the backend.',
  docs: 'Header values and the body may use context variables. A value that could not go on a wire (a line break, say) answers 500 `invalid-context-variable`.',
  phase: 'answer',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      status: Type.Integer({
        title: 'Status',
        description: 'HTTP status of the response.',
        minimum: 200,
        maximum: 599,
        default: 200,
        examples: [200],
      }),
      headers: Type.Record(Type.String(), Type.String({ maxLength: 8192, [TEMPLATE_MARK]: true }), {
        title: 'Headers',
        description: 'Names and values of response headers.',
        default: {},
        examples: [{ 'content-type': 'application/json' }],
      }),
      body: Type.String({
        title: 'Body',
        description: 'The response body, up to 1 MiB.',
        maxLength: 1_048_576,
        default: '',
        examples: ['{"ok":true}'],
        [TEMPLATE_MARK]: true,
      }),
    },
    { additionalProperties: false },
  ),

  check({ headers, body }, { pathVariables }) {
    const problems: Problem[] = []
    for (const [name, value] of Object.entries(headers)) {
      const path = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (!isFieldName(name))
        problems.push({ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` })
      else if (RESERVED.has(name.toLowerCase()))
        problems.push({ path, message: `"${name}" is set by the gateway itself: remove it.` })
      problems.push(...checkTemplate(value, path, pathVariables))
    }
    return [...problems, ...checkTemplate(body, '/body', pathVariables)]
  },

  create({ status, headers, body }) {
    const fields = Object.entries(headers).map(([name, value]) => [name, compileValue(value)] as const)
    const text = compileValue(body)
    return {
      onRequest(x) {
        const rendered = fields.map(([name, value]) => [name, value(x)] as const)
        if (!rendered.every(([, value]) => isFieldValue(value))) return { reply: 'invalid-context-variable' }
        return { status, headers: rendered, body: text(x) }
      },
    }
  },
})
