import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isForbiddenHost } from '../lib/forbidden-address.ts'
import { isFieldName } from '../lib/headers/header-list.ts'
import { facilities } from '../lib/syslog-facilities.ts'
import type { Problem } from './plugin.ts'
import { Secret } from './secret.ts'

/** Where lines of a log can go: the settings of a sink. What they do is in `gateway/access-log/`. */

const StdoutSettings = Type.Object(
  {},
  {
    title: 'Standard output',
    description: "The program's standard output.",
    additionalProperties: false,
    examples: [{}],
  },
)

const FileSettings = Type.Object(
  {
    name: Type.String({
      title: 'Name',
      description:
        'Name of the file: `access` is `SERVICE/STAGE/access.log` in the folder that the operator has set with `--log-folder`. Letters, digits, `-` and `_`.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
      [EXPECTED]: 'up to 64 letters, digits, "-" and "_", the first a letter or a digit',
      default: 'access',
      examples: ['access'],
    }),
    maxBytes: Type.Integer({
      title: 'Largest size',
      description: 'A new file is begun before the file is larger than this, in bytes; 0: whatever its size.',
      minimum: 0,
      maximum: 1_099_511_627_776,
      default: 104_857_600,
      examples: [104_857_600],
    }),
    every: Type.Enum(['never', 'hour', 'day'], {
      title: 'Every',
      description: 'A new file is begun with each hour or day (UTC).',
      default: 'never',
      examples: ['day'],
    }),
    keep: Type.Integer({
      title: 'Keep',
      description: 'How many files of before are kept beside the one that is written; the oldest go.',
      minimum: 0,
      maximum: 10_000,
      default: 7,
      examples: [30],
    }),
    compress: Type.Boolean({
      title: 'Compress',
      description: 'Whether files of before are compressed (gzip).',
      default: false,
      examples: [true],
    }),
  },
  {
    title: 'File',
    description: 'A file, with rotation.',
    additionalProperties: false,
    examples: [{ name: 'access', every: 'day', keep: 30, compress: true }],
  },
)
export type FileSettings = Static<typeof FileSettings>

const HttpSettings = Type.Object(
  {
    url: Type.String({
      title: 'URL',
      description: 'Where lines are sent by POST: http or https.',
      pattern: '^https?://',
      [EXPECTED]: 'a URL that begins with http:// or https://',
      maxLength: 2048,
      examples: ['https://logs.example.com/ingest'],
    }),
    body: Type.Enum(['lines', 'array'], {
      title: 'Body',
      description:
        '`lines`: a line each (`application/x-ndjson`); `array`: one JSON array, for the format `json` alone.',
      default: 'lines',
      examples: ['array'],
    }),
    header: Type.String({
      title: 'Header',
      description: 'The header that carries `secret`.',
      maxLength: 100,
      default: 'Authorization',
      examples: ['Authorization'],
    }),
    secret: Type.Optional(
      Secret({
        title: 'Secret',
        description: 'The value of that header, scheme included.',
        examples: ['Bearer 7f3c0d5e9a1b'],
      }),
    ),
    batchBytes: Type.Integer({
      title: 'Batch size',
      description: 'Lines are sent when there are so many bytes of them …',
      minimum: 1024,
      maximum: 8_388_608,
      default: 1_048_576,
      examples: [1_048_576],
    }),
    batchSeconds: Type.Number({
      title: 'Batch time',
      description: '… or the first of them is so many seconds old.',
      minimum: 0.1,
      maximum: 300,
      default: 2,
      examples: [5],
    }),
    timeout: Type.Number({
      title: 'Time-out',
      description: 'Seconds that one attempt may take.',
      minimum: 0.1,
      maximum: 120,
      default: 10,
      examples: [10],
    }),
    retrySeconds: Type.Number({
      title: 'Retry',
      description:
        'How long the sending of a batch is tried again (time-outs, broken connections, 408, 429 and 5xx), in seconds, with growing pauses.',
      minimum: 0,
      maximum: 3600,
      default: 60,
      examples: [60],
    }),
    compress: Type.Boolean({
      title: 'Compress',
      description: 'Whether bodies are compressed (`Content-Encoding: gzip`).',
      default: false,
      examples: [true],
    }),
  },
  {
    title: 'HTTP',
    description: 'Batches of lines by POST.',
    additionalProperties: false,
    examples: [{ url: 'https://logs.example.com/ingest' }],
  },
)
export type HttpSettings = Static<typeof HttpSettings>

const SyslogSettings = Type.Object(
  {
    host: Type.String({
      title: 'Host',
      description: 'Name or address of the receiver.',
      minLength: 1,
      maxLength: 253,
      pattern: '^[A-Za-z0-9._:-]+$',
      [EXPECTED]: 'a host name or an address',
      examples: ['syslog.internal'],
    }),
    port: Type.Integer({
      title: 'Port',
      description: 'Port of the receiver.',
      minimum: 1,
      maximum: 65_535,
      default: 514,
      examples: [6514],
    }),
    transport: Type.Enum(['udp', 'tcp', 'tls'], {
      title: 'Transport',
      description:
        '`udp` (RFC 5426), `tcp` with octet counting (RFC 6587) or `tls` (RFC 5425). By `udp` a line that does not fit into a datagram is dropped.',
      default: 'udp',
      examples: ['tls'],
    }),
    facility: Type.Enum(Object.keys(facilities) as (keyof typeof facilities)[], {
      title: 'Facility',
      description: 'What the receiver sorts by.',
      default: 'local0',
      examples: ['local0'],
    }),
    appName: Type.String({
      title: 'Application',
      description: 'APP-NAME of the messages.',
      pattern: '^[!-~]{1,48}$',
      [EXPECTED]: 'up to 48 characters without spaces',
      default: 'turnpike',
      examples: ['turnpike'],
    }),
    ca: Type.Optional(
      Type.String({
        title: 'Authorities',
        description:
          'Certificates (PEM) that the certificate of the receiver must come from; else those of the system.',
        maxLength: 65_536,
        examples: ['-----BEGIN CERTIFICATE-----\n…'],
      }),
    ),
  },
  {
    title: 'Syslog',
    description: 'Messages of RFC 5424.',
    additionalProperties: false,
    examples: [{ host: 'syslog.internal', port: 6514, transport: 'tls' }],
  },
)
export type SyslogSettings = Static<typeof SyslogSettings>

/** One sink: exactly one of these. */
export const SinkSettings = Type.Object(
  {
    stdout: Type.Optional(StdoutSettings),
    file: Type.Optional(FileSettings),
    http: Type.Optional(HttpSettings),
    syslog: Type.Optional(SyslogSettings),
  },
  {
    title: 'Sink',
    description: 'Where lines go: one of `stdout`, `file`, `http` and `syslog`.',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    examples: [{ file: { name: 'access' } }],
  },
)
export type SinkSettings = Static<typeof SinkSettings>

export type LogFormat = 'json' | 'combined' | 'common'

/** A sink with all that decides which one it is: files belong to their stage. */
export interface LogSink {
  readonly settings: SinkSettings
  readonly format: LogFormat
  /** `SERVICE/STAGE`: the folder of its files, and how people are told of it. */
  readonly owner: string
}

/** What the schema cannot say of a sink. */
export function checkSink({ http, syslog }: SinkSettings, format: LogFormat, path: string): Problem[] {
  return [
    ...(http === undefined ? [] : checkHttp(http, format, `${path}/http`)),
    ...(syslog !== undefined && isForbiddenHost(syslog.host)
      ? [{ path: `${path}/syslog/host`, message: `${syslog.host} is a link-local or metadata address.` }]
      : []),
  ]
}

function checkHttp({ url, header, body }: HttpSettings, format: LogFormat, path: string): Problem[] {
  const parsed = URL.parse(url)
  if (parsed === null) return [{ path: `${path}/url`, message: `"${url}" is not a URL: write https://HOST/PATH.` }]
  return [
    ...(parsed.username !== '' || parsed.password !== ''
      ? [{ path: `${path}/url`, message: 'The URL has no user name and no password: use "secret".' }]
      : []),
    ...(isForbiddenHost(parsed.hostname)
      ? [{ path: `${path}/url`, message: `${parsed.hostname} is a link-local or metadata address.` }]
      : []),
    ...(isFieldName(header)
      ? []
      : [{ path: `${path}/header`, message: `"${header}" is not a header name: use letters, digits and hyphens.` }]),
    ...(body === 'array' && format !== 'json'
      ? [{ path: `${path}/body`, message: 'Only lines of the format "json" can be an array: use "lines".' }]
      : []),
  ]
}
