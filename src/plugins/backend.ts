import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { GRPC_FAILURES_TEXT, GrpcStatuses } from './grpc-statuses.ts'
import { Secret } from './secret.ts'

/** Where one target is. */
export const BackendUrl = Type.String({
  title: 'URL',
  description:
    'http or https, host, optional port and base path; no query, no user name. Or unix:/path/of/a.socket, with :/base behind it for a base path, where the operator allows it.',
  pattern: '^(?:https?://[^/?#@\\s]+(?:/[^?#\\s]*)?|unix:/[^:?#\\s]+(?::/[^?#\\s]*)?)$',
  [EXPECTED]:
    'http:// or https:// with a host, and a port and a base path if needed, but no query and no user name; or unix:/ with the path of a socket',
  maxLength: 2048,
  examples: ['http://127.0.0.1:3000/v1'],
})

const seconds = (title: string, description: string, fallback: number, { minimum = 0.1, maximum = 86_400 } = {}) =>
  Type.Number({ title, description: `Seconds. ${description}`, minimum, maximum, default: fallback })

const strict = { additionalProperties: false } as const
const pem = { maxLength: 65_536, pattern: '-----BEGIN ', [EXPECTED]: 'PEM: lines from -----BEGIN to -----END' } as const

/** How the targets are spoken to. */
export const BackendProtocol = Type.Enum(['auto', 'http1', 'http2'], {
  title: 'Protocol',
  description:
    '`auto`, the default: HTTP/2 where an https target offers it, else HTTP/1.1. `http2` on a plain http target: without asking first (prior knowledge).',
})
export type BackendProtocol = Static<typeof BackendProtocol>

/** What is asked of https targets, and shown to them. */
export const BackendTls = Type.Object(
  {
    verify: Type.Boolean({
      title: 'Verify',
      description:
        'Whether the certificate of a target must be valid for its name. Without that anybody can be the target.',
      default: true,
    }),
    serverName: Type.Optional(
      Type.String({
        title: 'Server name',
        description:
          'Name that is asked for (SNI) and that the certificate must have; that of the URL where it is left out.',
        pattern: '^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
        [EXPECTED]: 'the name of a host',
        maxLength: 253,
        examples: ['api.internal.example.com'],
      }),
    ),
    ca: Type.Optional(
      Type.String({
        title: 'CA certificates',
        description:
          'PEM. Who may have signed the certificates of the targets; those that Node.js trusts where it is left out.',
        ...pem,
      }),
    ),
    certificate: Type.Optional(
      Type.String({
        title: 'Client certificate',
        description: 'PEM, with those of its issuers behind it. Shown to targets that ask for one.',
        ...pem,
      }),
    ),
    key: Type.Optional(
      Secret({
        title: 'Key of the client certificate',
        description: 'PEM, without a passphrase.',
        examples: ['-----BEGIN PRIVATE KEY-----…'],
      }),
    ),
  },
  { title: 'TLS', description: 'How https targets are checked, and what is shown to them.', ...strict },
)
export type BackendTls = Static<typeof BackendTls>

/** Which of several targets a request goes to. */
export const Balancing = Type.Object(
  {
    method: Type.Enum(['round-robin', 'least-requests', 'consistent-hash'], {
      title: 'Method',
      description:
        '`round-robin`: each in its turn, by weight. `least-requests`: the one with the fewest requests under way. `consistent-hash`: equal keys go to the same target, and nearly all still do when a target comes or goes.',
      default: 'round-robin',
    }),
    key: Type.Enum(['ip', 'header', 'cookie', 'consumer'], {
      title: 'Key',
      description:
        'For `consistent-hash`: the address of the client, a header, a cookie, or whoever a plugin has found the caller to be (API key, user). Requests without it go by the address.',
      default: 'ip',
    }),
    name: Type.Optional(
      Type.String({
        title: 'Name',
        description: 'Of the header or the cookie.',
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        [EXPECTED]: 'the name of a header or a cookie, without spaces',
        maxLength: 128,
        examples: ['X-Tenant'],
      }),
    ),
  },
  {
    title: 'Load balancing',
    description: 'Which target a request goes to; round robin where it is left out.',
    ...strict,
  },
)
export type Balancing = Static<typeof Balancing>

/** How many connections each target gets. */
export const BackendConnections = Type.Object(
  {
    limit: Type.Integer({
      title: 'Limit',
      description:
        'Most requests under way at each target, over all workers, each of which takes a connection of its own in HTTP/1.1; 0 for no limit.',
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
    }),
    queue: Type.Integer({
      title: 'Queue',
      description:
        'Most requests that each worker lets wait for a target that has reached its limit; more are answered with 503.',
      minimum: 0,
      maximum: 100_000,
      default: 0,
    }),
    queueTimeout: seconds('Time in the queue', 'How long a request waits at most; then it is answered with 503.', 1, {
      maximum: 3600,
    }),
    idle: Type.Integer({
      title: 'Unused connections',
      description: 'Most unused connections that each worker keeps to a target; 0 closes each after its answer.',
      minimum: 0,
      maximum: 10_000,
      default: 256,
    }),
    idleTimeout: seconds('Time unused', 'How long an unused connection is kept.', 60),
  },
  {
    title: 'Connections',
    description: 'Limits for each target; those of the process where it is left out.',
    ...strict,
  },
)
export type BackendConnections = Static<typeof BackendConnections>

const thresholds = {
  healthyAfter: Type.Integer({
    title: 'Healthy after',
    description: 'So many good checks in a row bring a target back.',
    minimum: 1,
    maximum: 100,
    default: 2,
  }),
  unhealthyAfter: Type.Integer({
    title: 'Unhealthy after',
    description: 'So many bad checks in a row take a target out.',
    minimum: 1,
    maximum: 100,
    default: 3,
  }),
}

/** Checks that the gateway makes by itself. */
export const ActiveHealth = Type.Object(
  {
    kind: Type.Enum(['http', 'tcp'], {
      title: 'Kind',
      description:
        '`http`: a request whose status is looked at. `tcp`: a connection, with its TLS handshake if there is one.',
      default: 'http',
    }),
    method: Type.Enum(['GET', 'HEAD', 'OPTIONS'], {
      title: 'Method',
      description: 'Of an `http` check.',
      default: 'GET',
    }),
    path: Type.String({
      title: 'Path',
      description: 'Of an `http` check, with its query; from the root of the target, not from its base path.',
      pattern: "^/[A-Za-z0-9\\-._~:/?[\\]@!$&'()*+,;=%]*$",
      [EXPECTED]: 'a path that begins with /',
      maxLength: 2048,
      default: '/',
      examples: ['/healthz'],
    }),
    host: Type.Optional(
      Type.String({
        title: 'Host',
        description: "Host field of an `http` check; the target's own where it is left out.",
        pattern: '^[A-Za-z0-9._:\\[\\]-]+$',
        [EXPECTED]: 'a host name or an address, with a port if needed',
        maxLength: 260,
      }),
    ),
    statuses: Type.Array(
      Type.String({ pattern: '^[1-5](?:xx|[0-9]{2})$', [EXPECTED]: 'a status, or a class of them such as 2xx' }),
      {
        title: 'Statuses',
        description: 'Answers to an `http` check that are good: a status, or a class of them such as 2xx.',
        minItems: 1,
        maxItems: 50,
        default: ['2xx'],
      },
    ),
    interval: seconds('Interval', 'From one check to the next.', 10, { minimum: 0.5 }),
    jitterPercent: Type.Integer({
      title: 'Jitter',
      description:
        'Percent of the interval by which a check may come earlier or later, so that they do not come all at once.',
      minimum: 0,
      maximum: 50,
      default: 10,
    }),
    timeout: seconds('Time-out', 'A check that takes longer is a bad one.', 2, { maximum: 600 }),
    ...thresholds,
  },
  { title: 'Active checks', description: 'Made by one worker of each process.', ...strict },
)
export type ActiveHealth = Static<typeof ActiveHealth>

/** What is learned from the requests themselves. */
export const PassiveHealth = Type.Object(
  {
    consecutive: Type.Integer({
      title: 'In a row',
      description: 'So many failures in a row take a target out; 0: however many.',
      minimum: 0,
      maximum: 10_000,
      default: 5,
    }),
    inWindow: Type.Integer({
      title: 'In the window',
      description:
        'So many failures within the window take a target out, whatever succeeds between them; 0: however many.',
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
    }),
    window: seconds('Window', 'Begins with a failure.', 10, { maximum: 3600 }),
    statuses: Type.Array(
      Type.String({ pattern: '^[45](?:xx|[0-9]{2})$', [EXPECTED]: 'a status from 400 on, 4xx or 5xx' }),
      {
        title: 'Statuses',
        description:
          'Answers that are failures, beside targets that cannot be connected to, take too long, break off or answer nonsense.',
        maxItems: 50,
        default: ['502', '503', '504'],
      },
    ),
    grpcStatuses: Type.Optional(
      GrpcStatuses(
        'Statuses of gRPC',
        `Those that are failures of a call of gRPC, which is answered with 200 whatever becomes of it. Left out: ${GRPC_FAILURES_TEXT}.`,
      ),
    ),
    ejection: seconds(
      'Time out of use',
      'For the first time; twice as long for the second in sequence, and so on.',
      10,
      {
        maximum: 3600,
      },
    ),
    maxEjection: seconds('Longest time out of use', 'However often it happens.', 300),
  },
  { title: 'Passive checks', description: 'Failures of requests take a target out for a time.', ...strict },
)
export type PassiveHealth = Static<typeof PassiveHealth>

/** When targets are left out, and how they come back. */
export const BackendHealth = Type.Object(
  {
    active: Type.Optional(ActiveHealth),
    passive: Type.Optional(PassiveHealth),
    slowStart: seconds('Slow start', 'In which a target that comes back gets to its whole share; 0 for at once.', 0, {
      minimum: 0,
      maximum: 3600,
    }),
    panicPercent: Type.Integer({
      title: 'Panic threshold',
      description:
        'Where fewer than so many percent of the targets are healthy, all are used: the few would only fail as well. 0: never.',
      minimum: 0,
      maximum: 100,
      default: 50,
    }),
  },
  { title: 'Health', description: 'Which targets are left out, and how they come back.', ...strict },
)
export type BackendHealth = Static<typeof BackendHealth>

/** What requests are forwarded to: one target, or several that share the requests by their weights. */
export const Backend = Type.Object(
  {
    targets: Type.Array(
      Type.Object(
        {
          url: BackendUrl,
          weight: Type.Integer({
            title: 'Weight',
            description: 'Share of the requests, beside those of the others; 0 for none.',
            minimum: 0,
            maximum: 100,
            default: 1,
          }),
        },
        { additionalProperties: false },
      ),
      { title: 'Targets', description: 'At least one.', minItems: 1, maxItems: 100 },
    ),
    protocol: Type.Optional(BackendProtocol),
    tls: Type.Optional(BackendTls),
    balancing: Type.Optional(Balancing),
    connections: Type.Optional(BackendConnections),
    health: Type.Optional(BackendHealth),
  },
  { title: 'Backend', description: 'What requests are forwarded to.', additionalProperties: false },
)
export type Backend = Static<typeof Backend>

/** A backend of one target. */
export function singleTarget(url: string): Backend {
  return { targets: [{ url, weight: 1 }] }
}
