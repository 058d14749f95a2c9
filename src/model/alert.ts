import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Nullable } from './nullable.ts'

/** What a rule looks at. */
export const alertKinds = ['server-errors', 'client-errors', 'latency', 'no-traffic', 'quota', 'certificate'] as const
export const AlertKind = Type.Enum(alertKinds, {
  title: 'Kind',
  description:
    'server-errors and client-errors: percent of requests that were answered with 5xx or 4xx. latency: p99 in milliseconds. no-traffic: requests in the window. quota: the percentage of its quota that the key with the least left has used. certificate: days until the first of the certificates for domains of the stage expires.',
})
export type AlertKind = Static<typeof AlertKind>

export const AlertName = Type.String({
  title: 'Name',
  description: 'Of the rule, once in its stage: lower-case letters, digits and dashes.',
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  [EXPECTED]: 'up to 63 lower-case letters, digits and dashes, the first no dash',
  examples: ['too-many-errors'],
})

/** When somebody is to be told. */
export const AlertRule = Type.Object(
  {
    kind: AlertKind,
    threshold: Type.Number({
      title: 'Threshold',
      description:
        'It is breached at this or above; for no-traffic and certificate, below this. Percent, milliseconds, requests or days, as the kind says.',
      minimum: 0,
      maximum: 1_000_000_000,
      examples: [5],
    }),
    windowMinutes: Type.Integer({
      title: 'Window',
      description: 'The last minutes that are looked at; of no meaning for a quota and a certificate.',
      minimum: 1,
      maximum: 60,
      default: 5,
    }),
    forMinutes: Type.Integer({
      title: 'For',
      description: 'How long it must be breached before it fires, and be well again before it is resolved.',
      minimum: 0,
      maximum: 1_440,
      default: 2,
    }),
    minCalls: Type.Integer({
      title: 'At least',
      description: 'With fewer requests in the window nothing is said of errors and latency.',
      minimum: 0,
      maximum: 1_000_000_000,
      default: 20,
    }),
    webhook: Nullable(
      Type.String({
        maxLength: 2_000,
        pattern: '^https?://',
        [EXPECTED]: 'a URL that begins with http:// or https://',
      }),
      {
        title: 'Webhook',
        description: 'URL that is sent a POST when it fires and when it is resolved; null for none.',
        default: null,
        examples: ['https://hooks.example.com/turnpike'],
      },
    ),
  },
  { additionalProperties: false },
)
export type AlertRule = Static<typeof AlertRule>

/** The most rules of one stage: each is looked at every few seconds. */
export const MOST_ALERT_RULES = 50

/** How long the secret of a webhook may be, in clear. */
export const alertSecretLength = { minLength: 8, maxLength: 200 } as const

/** A rule as it was set on a stage. */
export interface StageAlert {
  readonly stageId: string
  readonly name: string
  readonly rule: AlertRule
  /** What messages are signed with, sealed; null for none. */
  readonly secret: string | null
}

export const alertStates = ['ok', 'pending', 'firing', 'resolved'] as const
export const AlertState = Type.Enum(alertStates, {
  title: 'State',
  description: 'ok; pending: breached, but not for long enough; firing; resolved: it was firing, and is well again.',
})
export type AlertState = Static<typeof AlertState>

/** How a rule stands. */
export interface AlertStanding {
  readonly state: AlertState
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  /** Since when it is the other way than `state` says, breached or well; null where it is not. */
  readonly turnedAt: number | null
  /** What was measured; null where there was too little to measure. */
  readonly value: number | null
}

/** A rule and how it stands, as it is told. */
export const Alert = Type.Object({
  name: AlertName,
  service: Type.String({ description: 'Name of the service.' }),
  stage: Type.String({ description: 'Name of the stage.' }),
  ...AlertRule.properties,
  hasSecret: Type.Boolean({ description: 'Whether what is sent to the webhook is signed.' }),
  state: AlertState,
  since: Type.String({ description: 'Since when, ISO 8601, UTC.' }),
  value: Type.Union([Type.Number(), Type.Null()], {
    description: 'What was last measured; null where there was too little to measure.',
  }),
  isTold: Type.Boolean({ description: 'Whether the webhook, if there is one, has taken the last change.' }),
  version: Type.Integer({ description: 'Counts the changes; the ETag of the rule.' }),
})
export type Alert = Static<typeof Alert>
