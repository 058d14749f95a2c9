import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Id } from './id.ts'
import { Nullable } from './nullable.ts'

/** The most that a quota may allow: the data plane counts in 30 bits. */
export const maxQuota = 1_000_000_000

export const Quota = Nullable(
  Type.Object(
    {
      requests: Type.Integer({
        title: 'Requests',
        description: 'How many requests of a key may pass in each period.',
        minimum: 1,
        maximum: maxQuota,
        examples: [10_000],
      }),
      per: Type.Enum(['day', 'month'], {
        title: 'Per',
        description: 'The period. It begins at 00:00 UTC, a month on its first day.',
        examples: ['month'],
      }),
    },
    { additionalProperties: false },
  ),
  {
    title: 'Quota',
    description: 'How much each key may use up in a day or month; null for no quota.',
    default: null,
  },
)
export type Quota = NonNullable<Static<typeof Quota>>

/** A usage plan: what a key that is subscribed through it may do on a stage. */
export const Plan = Type.Object({
  id: Id,
  name: Type.String({
    title: 'Name',
    description: 'Lower-case letters, digits and hyphens. Consumers of the plan have it as their group.',
    pattern: '^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$',
    [EXPECTED]: 'up to 50 lower-case letters, digits and hyphens, with a letter or a digit at both ends',
    examples: ['gold'],
  }),
  description: Type.String({ title: 'Description', maxLength: 1000, default: '', examples: ['For partners'] }),
  requestsPerSecond: Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }), {
    title: 'Requests per second',
    description: 'How many requests of a key may pass in a second; null for no limit.',
    default: null,
    examples: [50],
  }),
  burst: Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }), {
    title: 'Burst',
    description: 'How many may come at once after a pause; null for as many as come in a second.',
    default: null,
    examples: [100],
  }),
  quota: Quota,
  version: Type.Integer({ description: 'Counts the changes; the ETag of the plan.' }),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
})
export type Plan = Static<typeof Plan>

/** A stage that a plan is connected to. */
export const PlanStage = Type.Object({
  stageId: Id,
  service: Type.String({ description: 'Name of the service.' }),
  stage: Type.String({ description: 'Name of the stage.' }),
  subscriptions: Type.Integer({ description: 'How many keys are subscribed to the stage through the plan.' }),
})
export type PlanStage = Static<typeof PlanStage>
