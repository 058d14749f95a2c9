import { Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isFieldValue } from '../lib/headers/header-list.ts'
import { definePlugin } from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate, compilePath } from './variables.ts'

export const redirect = definePlugin({
  name: 'redirect',
  summary: 'Sends the client to another place instead of calling the backend.',
  docs: '301 and 302 let clients turn POST into GET, 307 and 308 do not (RFC 9110, section 15.4). Values that are put into the location are percent-encoded, so that none of them can lead to another host: only what stands in the setting decides that. `request.path` variables and `request.uriPath` keep their slashes.',
  phase: 'answer',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      status: Type.Enum([301, 302, 303, 307, 308], {
        title: 'Status',
        description: 'HTTP status: 301 and 308 are for good, the others for now.',
        default: 302,
        examples: [308],
      }),
      location: Type.String({
        title: 'Location',
        description: 'URL, or path on the same host; may use context variables.',
        minLength: 1,
        maxLength: 8192,
        pattern: '^(?:https?://[^/?#$]+(?:[/?#].*)?|/(?:[^/\\\\].*)?)$',
        [EXPECTED]: 'a URL that begins with http:// or https:// and names its host, or a path that begins with one /',
        examples: ['https://www.example.com/v2${request.uriPath}'],
        [TEMPLATE_MARK]: true,
      }),
      keepQuery: Type.Boolean({
        title: 'Keep the query',
        description: 'Whether the query of the request goes along.',
        default: true,
        examples: [true],
      }),
    },
    { additionalProperties: false },
  ),

  check: ({ location }, { pathVariables }) => checkTemplate(location, '/location', pathVariables),

  create({ status, location, keepQuery }) {
    const template = compilePath(location)
    const separator = location.includes('?') ? '&' : '?'
    return {
      onRequest(x) {
        const { query } = x.request
        const target = keepQuery && query !== '' ? `${template(x)}${separator}${query}` : template(x)
        // A path that begins with two slashes would name a host.
        if (!isFieldValue(target) || target.startsWith('//')) return { reply: 'invalid-context-variable' }
        return { status, headers: [['Location', target]], body: '' }
      },
    }
  },
})
