import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { parseTemplate } from '../lib/template.ts'
import { CommonLines } from './log-lines/common-lines.ts'
import { INFORMATIONAL, type LogLines, logFieldNames, logFields, severityOf, usualFields } from './log-lines/fields.ts'
import { JsonLines, jsonStyle } from './log-lines/json-lines.ts'
import { credentialVariable } from './log-lines/secrets.ts'
import { checkSink, SinkSettings } from './log-sinks.ts'
import {
  type CredentialPlaces,
  definePlugin,
  type Exchange,
  type LineMaker,
  type PluginScope,
  type Problem,
} from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate } from './variables.ts'

const Config = Type.Object(
  {
    sinks: Type.Array(SinkSettings, {
      title: 'Sinks',
      description: 'Where lines go; to all of them.',
      minItems: 1,
      maxItems: 8,
      default: [{ stdout: {} }],
      examples: [[{ file: { name: 'access' } }]],
    }),
    format: Type.Enum(['json', 'combined', 'common'], {
      title: 'Format',
      description: '`json`: one JSON object a line; `combined` and `common`: as Apache and nginx write them.',
      default: 'json',
      examples: ['combined'],
    }),
    fields: Type.Optional(
      Type.Array(Type.Enum(logFieldNames), {
        title: 'Fields',
        description: 'The fields of the format `json`; all but `query` and `scheme` where it is left out.',
        uniqueItems: true,
        examples: [['time', 'requestId', 'method', 'path', 'status', 'totalMs']],
      }),
    ),
    extra: Type.Array(
      Type.Object(
        {
          name: Type.String({
            title: 'Name',
            description: 'Name of the member.',
            pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
            [EXPECTED]: 'up to 64 letters, digits, "_", "." and "-" that begin with a letter or "_"',
            examples: ['tenant'],
          }),
          value: Type.String({
            title: 'Value',
            description: 'Its value, with context variables.',
            maxLength: 1024,
            examples: ['$!{request.header.x-tenant}'],
            [TEMPLATE_MARK]: true,
          }),
        },
        { additionalProperties: false },
      ),
      {
        title: 'Extra fields',
        description: 'More members of the format `json`. What is named like a credential cannot be logged.',
        default: [],
        maxItems: 32,
        examples: [[{ name: 'tenant', value: '$!{request.header.x-tenant}' }]],
      },
    ),
    sample: Type.Number({
      title: 'Share',
      description: 'The share of requests that is logged, by chance: 0.01 is one of a hundred.',
      minimum: 0,
      maximum: 1,
      default: 1,
      examples: [0.01],
    }),
    always: Type.Enum(['failures', 'server-errors', 'nothing'], {
      title: 'Always',
      description:
        'What is logged whatever the share: `failures` (4xx, 5xx, and answers that were broken off), `server-errors` (5xx) or `nothing`.',
      default: 'failures',
      examples: ['server-errors'],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

const fieldTable = Object.entries(logFields)
  .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  .join('\n')

export const accessLog = definePlugin({
  name: 'access-log',
  summary: 'Writes a line about each request: to standard output, files, an HTTP receiver or syslog.',
  docs: `The [guide](../guides/logs.md) shows all of it at work. Attached to the stage, it also logs requests that match no route. The nearest attachment of a node is the one that logs; give it several sinks to log to several places. With \`when\` only some requests are logged: \`request.path != "/health"\`.

| Field of \`json\` | |
| --- | --- |
${fieldTable}

A field that has no value is absent. Times of a sampled log come with \`share\`, the share that the line stands for. Fields are those of the request when it is over: what \`request-transformer\` sets is what is logged. Texts of clients are cut: 2,048 characters of path and query, 1,024 of other fields, 256 of extra fields. Lines are ASCII, whatever a client sends: nothing can end a line or begin another.

**No line shows a credential.** Values of fields and parameters that are named like one (\`Authorization\`, \`Cookie\`, \`x-api-key\`, \`access_token\` …) are \`***\`, in \`query\`, in \`referer\`, in extra fields and in the target of the common formats; so is whatever a plugin of the stage that authenticates reads, as \`key-auth\` with a header or parameter of its own.

**Traffic never waits for a log.** Each worker hands its lines over a few times a second. At most 16 MiB of them are on their way for each worker and sink; what a sink cannot take is dropped and counted. The status of the program says how many, and so does the log itself when lines go through again: \`{"time":…,"level":"warn","event":"dropped","lines":17}\`, or in the other formats a request \`DROPPED 17 lines\`. At a stop all lines are written, for at most five seconds. A \`kill -9\` loses what workers had not handed over, a quarter of a second at most, and what waits for a slow sink.

**Files** are below the folder that the operator sets, one folder for each stage. A file that was moved away or deleted is begun anew within a second (so logrotate needs no signal; SIGUSR2 does it at once). Where the disk is full, lines are dropped until there is room; none is written in part. Files of before are \`access.20261126T113000Z.log\`, with \`.gz\` where they are compressed.

**HTTP** sends batches in order and tries again where that may help: a receiver can get a batch twice, never out of order. Link-local and metadata addresses are refused, and redirects are not followed.

**Syslog** messages carry the line as their text; their severity is 6 (info), 4 (4xx) or 3 (5xx). A receiver that is gone is tried again each second, later every half minute.`,
  phase: 'identify',
  attach: ['stage', 'path', 'method'],
  sides: ['response'],
  config: Config,
  example: { sinks: [{ file: { name: 'access' } }] },
  finishesUnmatched: true,

  check({ sinks, format, extra }, { pathVariables }) {
    const names = new Set<string>(logFieldNames)
    return [
      ...sinks.flatMap((sink, i) => checkSink(sink, format, `/sinks/${i}`)),
      ...(format !== 'json' && extra.length > 0
        ? [{ path: '/extra', message: 'Extra fields are for the format "json": leave them out, or change the format.' }]
        : []),
      ...extra.flatMap(({ name, value }, i): Problem[] => {
        const problems = [
          ...checkTemplate(value, `/extra/${i}/value`, pathVariables),
          ...checkCredentials(value, `/extra/${i}/value`),
        ]
        if (names.has(name))
          problems.push({
            path: `/extra/${i}/name`,
            message: `There is a field "${name}" already: choose another name.`,
          })
        names.add(name)
        return problems
      }),
    ]
  },

  create(config, { scope, credentials, logs }) {
    const { sinks, format, sample } = config
    const owner = `${scope.service}/${scope.stage}`
    const writers = sinks.map((settings) => logs.open({ settings, format, owner }))
    const lines = linesOf(config, scope, credentials)
    const maker: LineMaker = {
      make(request, rest) {
        const severity = severityOf(request)
        for (const writer of writers) {
          const line = writer.begin(severity)
          if (line === null) continue
          lines.write(line, request, severity, rest)
          writer.end()
        }
      },
    }
    if (sample === 1) return { onFinish: (x) => logs.later(x, maker, lines.restOf(x, 1)) }
    const isKept = keptAlways(config.always)
    return {
      onFinish(x) {
        const keeps = isKept(x)
        if (keeps || Math.random() < sample) logs.later(x, maker, lines.restOf(x, keeps ? 1 : sample))
      },
    }
  },
})

function linesOf(
  { format, fields = usualFields, extra, sample }: Config,
  scope: PluginScope,
  credentials: CredentialPlaces,
): LogLines {
  if (format !== 'json') return new CommonLines(format === 'combined', credentials)
  return new JsonLines(jsonStyle({ fields, extra, isSampled: sample < 1 }, credentials), scope)
}

/** Which requests are logged whatever the share. */
function keptAlways(always: Config['always']): (x: Exchange) => boolean {
  if (always === 'nothing') return () => false
  if (always === 'server-errors') return (x) => x.response.status >= 500
  return ({ response: { status }, outcome: { isAborted } }) => severityOf({ status, isAborted }) !== INFORMATIONAL
}

/** Variables that are credentials by their names: refused when they are saved, rather than masked for ever. */
function checkCredentials(template: string, path: string): Problem[] {
  return parseTemplate(template).flatMap((part) => {
    const name = part.kind === 'variable' ? credentialVariable(part.name) : null
    return name === null ? [] : [{ path, message: `"${name}" carries a credential, which no log shows: leave it out.` }]
  })
}
