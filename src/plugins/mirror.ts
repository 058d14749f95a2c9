import { Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isFieldName } from '../lib/headers/header-list.ts'
import { BackendSetting } from './backend-setting.ts'
import { RESERVED } from './header-changes.ts'
import { definePlugin, type MirrorPlan, type Problem } from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate } from './variables.ts'

const KEY = 'mirror'

export const mirror = definePlugin({
  name: 'mirror',
  summary: 'Copies a share of the requests to a second backend, whose answers nobody sees.',
  docs: `A copy is what the backend of the route is sent: after all other plugins, with the same method, headers and body. It goes its own way, over connections of its own, and nothing of the request waits for it; whether it is answered, and how, nobody sees. See the guide [Backends that fail](../guides/resilience.md).

A copy carries \`X-Mirrored: 1\` (\`mark\`), so that whoever receives it can tell; a request that has the field already is not copied again. It is counted in \`GET /status\` (\`events\` of the plugin): \`copied\`; \`failed\`, where the second backend did not answer; and \`dropped\`, where the body was longer than \`maxBodyBytes\` or more than \`maxUnderWay\` copies were under way. A body that streams is kept up to that length, and its copy begins when it has come to its end.

Copies are real requests: a second backend that books, sends mail or pays does it a second time. Attach the plugin to methods that only read, limit it with \`when\`, or give it a backend that can bear it.`,
  phase: 'backend',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      backend: BackendSetting('Backend', 'Where the copies go.'),
      path: Type.Optional(
        Type.String({
          title: 'Path',
          description: "Template of the backend path; the method's own, if left out.",
          pattern: '^/',
          [EXPECTED]: 'a path that begins with /',
          maxLength: 1_000,
          examples: ['/shadow${request.uriPath}'],
          [TEMPLATE_MARK]: true,
        }),
      ),
      percent: Type.Number({
        title: 'Percent',
        description: 'Share of the requests that are copied.',
        minimum: 0,
        maximum: 100,
        default: 100,
        examples: [10],
      }),
      maxBodyBytes: Type.Integer({
        title: 'Longest body',
        description: 'Bytes. Requests with a longer body are not copied.',
        minimum: 0,
        maximum: 16_777_216,
        default: 65_536,
        examples: [1_048_576],
      }),
      maxUnderWay: Type.Integer({
        title: 'Under way',
        description: 'Most copies to this backend that are under way at once, in each worker.',
        minimum: 1,
        maximum: 10_000,
        default: 100,
        examples: [50],
      }),
      timeout: Type.Number({
        title: 'Time-out',
        description: 'Seconds, after which a copy is given up.',
        minimum: 0.1,
        maximum: 3_600,
        default: 10,
        examples: [5],
      }),
      host: Type.Enum(['backend', 'client'], {
        title: 'Host',
        description: 'Whether `Host` is that of the second backend, or what the client has asked for.',
        default: 'backend',
        examples: ['client'],
      }),
      mark: Type.String({
        title: 'Mark',
        description: 'The header that says of a request that it is a copy.',
        minLength: 1,
        maxLength: 128,
        default: 'X-Mirrored',
        examples: ['X-Shadow'],
      }),
    },
    { additionalProperties: false },
  ),
  example: { backend: { targets: [{ url: 'http://127.0.0.1:3001', weight: 1 }] }, percent: 10 },

  backendsOf: ({ backend }) => [{ key: KEY, path: '/backend', backend }],

  check: ({ path, mark }, { pathVariables }) => [
    ...(path === undefined ? [] : checkTemplate(path, '/path', pathVariables)),
    ...checkMark(mark),
  ],

  create(config, { backend, shared, scope, random, count }) {
    const { path, percent, maxBodyBytes, maxUnderWay, timeout, host, mark } = config
    const to = backend(KEY, path)
    if (to === null) throw new Error('the mirror has no backend')
    const plan: MirrorPlan = {
      to,
      maxBodyBytes,
      gate: shared(`mirror ${scope.stageId} ${to.name}`, () => ({ underWay: 0 })),
      mostUnderWay: maxUnderWay,
      timeoutMs: timeout * 1_000,
      mark,
      keepsHost: host === 'client',
      count,
    }
    const markKey = mark.toLowerCase()
    const share = percent / 100
    return {
      onRequest(x) {
        // A copy of a copy could go round for ever.
        if (x.request.headers.has(markKey) || random() >= share) return
        x.mirror = plan
      },
      describe: (x) => [x.mirror === null ? 'not copied' : `copied to ${to.name}; ${plan.gate.underWay} under way`],
    }
  },
})

function checkMark(mark: string): Problem[] {
  const problem = (message: string) => [{ path: '/mark', message }]
  if (!isFieldName(mark)) return problem(`"${mark}" cannot be the name of a header.`)
  const key = mark.toLowerCase()
  return key === 'host' || RESERVED.has(key) ? problem(`${mark} is for the gateway alone: name another header.`) : []
}
