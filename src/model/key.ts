import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { type KeyRefusal, keyRefusals } from '../plugins/plugin.ts'
import { Id } from './id.ts'
import { Nullable } from './nullable.ts'

const Time = (title: string, description: string) =>
  Nullable(Type.String({ format: 'date-time' }), { title, description, default: null })

/** The rules of what people give, for those who check it piece by piece. */
export const keyRules = {
  nameLength: 100,
  descriptionLength: 1000,
  name: '^[^\\s\\p{C}](?:[^\\p{C}\\n]*[^\\s\\p{C}])?$',
  value: '^(?=(?:[-_.]*[A-Za-z0-9]){10})[-_.A-Za-z0-9]{10,128}$',
} as const

/** What a key is called. Not a rule of a machine's: what people write, but on one line and not empty. */
export const KeyName = Type.String({
  title: 'Name',
  description: 'Of whoever has the key; unique.',
  minLength: 1,
  maxLength: keyRules.nameLength,
  pattern: keyRules.name,
  [EXPECTED]: 'a text on one line, without spaces at its ends',
  examples: ['Acme web shop'],
})

/** A value as somebody may give it: those of other gateways are taken, UUIDs among them. */
export const KeyValue = Type.String({
  title: 'Value',
  description: 'Letters, digits, `-`, `_` and `.`; at least ten letters and digits.',
  pattern: keyRules.value,
  [EXPECTED]: '10 to 128 letters, digits, "-", "_" and ".", with at least ten letters and digits',
  examples: ['Gx8mQ2vTz7'],
})

/** Which of a key's two values. */
export const KeySlot = Type.Enum(['primary', 'secondary'], {
  title: 'Which',
  description: 'Which of the two values. Either is accepted, so that one can be replaced while the other is in use.',
})
export type KeySlot = Static<typeof KeySlot>

/** An API key. Its values are not part of it: they are shown when they are made, and only their digests are kept. */
export const ApiKey = Type.Object({
  id: Id,
  name: KeyName,
  description: Type.String({
    title: 'Description',
    maxLength: keyRules.descriptionLength,
    default: '',
    examples: ['Contact: ada@example.com'],
  }),
  active: Type.Boolean({ title: 'Active', description: 'An inactive key is refused.', default: true }),
  expiresAt: Time('Expires', 'From when on the key is refused; null for never.'),
  lastUsedAt: Time('Last used', 'When a request with the key last passed, to the minute; null for never.'),
  version: Type.Integer({ description: 'Counts the changes; the ETag of the key.' }),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
})
export type ApiKey = Static<typeof ApiKey>

/** The values of a key that was just made, shown this once. */
export const KeyValues = Type.Object({
  primary: Type.String({ description: 'What is sent with requests. Shown this once.' }),
  secondary: Type.String({ description: 'Is accepted as well. Shown this once.' }),
})
export type KeyValues = Static<typeof KeyValues>

/** A stage that a key may call, and through which plan. */
export const Subscription = Type.Object({
  stageId: Id,
  service: Type.String({ description: 'Name of the service.' }),
  stage: Type.String({ description: 'Name of the stage.' }),
  planId: Id,
  plan: Type.String({ description: 'Name of the plan.' }),
})
export type Subscription = Static<typeof Subscription>

/** How much of a subscription is used. */
export const SubscriptionUsage = Type.Object({
  ...Subscription.properties,
  rate: Type.Union([
    Type.Object({
      requestsPerSecond: Type.Integer(),
      burst: Type.Integer(),
      remaining: Type.Integer({ description: 'How many more could come at this moment.' }),
    }),
    Type.Null(),
  ]),
  quota: Type.Union([
    Type.Object({
      requests: Type.Integer(),
      per: Type.Enum(['day', 'month']),
      used: Type.Integer(),
      remaining: Type.Integer(),
      resetsAt: Type.String({ format: 'date-time' }),
    }),
    Type.Null(),
  ]),
  lastRefusal: Type.Union(
    [
      Type.Object({
        at: Type.String({ format: 'date-time' }),
        reason: Type.Enum([...keyRefusals]),
      }),
      Type.Null(),
    ],
    { description: 'The last refusal since the start of the program, if it is still remembered.' },
  ),
})
export type SubscriptionUsage = Static<typeof SubscriptionUsage>

/** A subscription as the data plane needs it: `used` in the period of that number is what was counted before. */
export interface LiveSubscription {
  readonly stageId: string
  readonly planId: string
  readonly period: number
  readonly used: number
}

/** A key as the data plane needs it. */
export interface LiveKey {
  readonly id: string
  readonly name: string
  /** Of the two values, as `Vault.digest` gives them, in hexadecimal. */
  readonly digests: readonly [primary: string, secondary: string]
  readonly isActive: boolean
  /** Milliseconds since the Unix epoch; 0 for never. */
  readonly expiresAt: number
  /** Minutes since the Unix epoch; 0 for never. */
  readonly lastUsed: number
  readonly subscriptions: readonly LiveSubscription[]
}

/** What the data plane has counted of a subscription. */
export interface CountedUsage {
  readonly keyId: string
  readonly stageId: string
  readonly planId: string
  readonly period: number
  readonly used: number
}

/** The present state of a subscription in the data plane. */
export interface SubscriptionState {
  readonly stageId: string
  readonly planId: string
  /** How many more could come at this moment; 0 where the plan has no rate. */
  readonly rateRemaining: number
  /** Of the quota, in the present period. */
  readonly used: number
  /** When the present period ends, in milliseconds since the Unix epoch. */
  readonly resetsAt: number
  readonly lastRefusal: { readonly at: number; readonly reason: KeyRefusal } | null
}
