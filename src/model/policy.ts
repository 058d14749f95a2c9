import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Nullable } from './nullable.ts'

export const PolicyName = Type.String({
  title: 'Name',
  description: 'Letters, digits, ".", "_" and "-"; unique in its service. It cannot be changed.',
  pattern: '^[A-Za-z0-9._-]{1,100}$',
  [EXPECTED]: 'up to 100 letters, digits, ".", "_" and "-"',
  examples: ['tenants'],
})

/** One schema with two types, as in `nullable.ts`: a union would tell the mistakes of both sides. */
const Rate = (description: string) =>
  Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    title: 'Requests per second',
    description,
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    examples: [10],
  })

/** How many values a policy can have. */
export const MOST_VALUES = 10_000

/** The longest value, in characters. */
export const VALUE_LENGTH = 200

export const KeyValue = Type.String({
  title: 'Value',
  description:
    'As it comes in the variable or header, capitals included; no control characters, no spaces at its ends.',
  minLength: 1,
  maxLength: VALUE_LENGTH,
  examples: ['acme'],
})

/** What holds for requests of one key value. */
export const PolicyValue = Type.Object(
  {
    value: KeyValue,
    requestsPerSecond: Rate('For this value; null for that of the policy.'),
    networks: Nullable(
      Type.Object(
        {
          mode: Type.Enum(['allow', 'deny'], {
            title: 'Mode',
            description: '`allow` lets only the listed in; `deny` keeps the listed out.',
            default: 'allow',
          }),
          list: Type.Array(Type.String({ maxLength: 64 }), {
            title: 'List',
            description: 'IPv4 or IPv6 addresses or CIDR ranges.',
            minItems: 1,
            maxItems: 1000,
            examples: [['10.0.0.0/8', '2001:db8::/32']],
          }),
        },
        { additionalProperties: false },
      ),
      { title: 'Networks', description: 'From where such requests may come; null for everywhere.', default: null },
    ),
  },
  { additionalProperties: false },
)
export type PolicyValue = Static<typeof PolicyValue>

/** What a service allows for each value of a path variable or header. Attachments of `restriction-policy` name it. */
export const Policy = Type.Object({
  name: PolicyName,
  description: Type.String({ title: 'Description', description: 'What it is for.', maxLength: 2000, default: '' }),
  key: Type.Object(
    {
      in: Type.Enum(['path-variable', 'header'], { title: 'In', description: 'Where the value comes from.' }),
      name: Type.String({
        title: 'Name',
        description: 'Of the path variable or the header.',
        minLength: 1,
        maxLength: 200,
        examples: ['x-tenant'],
      }),
    },
    { title: 'Key', description: 'By what requests are told apart.', additionalProperties: false },
  ),
  requestsPerSecond: Rate('For each value that has no rate of its own, listed or not; null does not limit them.'),
  unlisted: Type.Enum(['pass', 'refuse'], {
    title: 'Not listed',
    description: 'What becomes of a request whose value is not listed, or that has none: `pass`, or `refuse` with 403.',
    default: 'pass',
  }),
  remainingHeader: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    title: 'Remaining header',
    description: 'The header of answers that tells how many more requests could come now; null for none.',
    default: null,
    examples: ['x-ratelimit-remaining'],
    minLength: 1,
    maxLength: 100,
  }),
  values: Type.Array(PolicyValue, {
    title: 'Values',
    description: 'What holds for single values.',
    default: [],
    maxItems: MOST_VALUES,
  }),
})
export type Policy = Static<typeof Policy>

/** All of a policy that has a default. */
export const policyDefaults = {
  description: '',
  requestsPerSecond: null,
  unlisted: 'pass',
  remainingHeader: null,
  values: [],
} satisfies Partial<Policy>
