import { type Static, Type } from '#bundles/typebox'
import { definePlugin, type Exchange } from './plugin.ts'

const Texts = (title: string, description: string, example: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
    title,
    description,
    default: [],
    maxItems: 1000,
    examples: [[example]],
  })

const Config = Type.Object(
  {
    mode: Type.Enum(['allow', 'deny'], {
      title: 'Mode',
      description: '`allow` lets only those in that one of the lists names; `deny` keeps those out.',
      default: 'allow',
      examples: ['allow'],
    }),
    consumers: Texts('Consumers', 'Ids of consumers.', 'ada'),
    groups: Texts('Groups', 'Groups of consumers.', 'staff'),
    scopes: Texts('Scopes', 'Scopes of tokens (RFC 8693, section 4.2): `scope`, or `scp`.', 'orders:read'),
    claims: Type.Record(
      Type.String({ minLength: 1, maxLength: 200 }),
      Type.Array(Type.String({ maxLength: 500 }), { maxItems: 1000 }),
      {
        title: 'Claims',
        description: 'Claims of tokens by name, each with the values that count.',
        default: {},
        examples: [{ tier: ['gold'] }],
      },
    ),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

export const acl = definePlugin({
  name: 'acl',
  summary: 'Lets consumers in by id, group, scope or claim.',
  docs: 'It runs behind the plugins that authenticate and needs one of them: a request without a consumer is answered with 401, in both modes. One entry of one list is enough. A claim that is a list counts by each of its entries.',
  phase: 'authorize',
  attach: ['stage', 'path', 'method'],
  config: Config,

  check({ consumers, groups, scopes, claims }) {
    const count = consumers.length + groups.length + scopes.length + Object.keys(claims).length
    return count > 0
      ? []
      : [{ path: '', message: 'The lists are all empty: name consumers, groups, scopes or claims.' }]
  },

  create({ mode, ...lists }) {
    const isNamed = matcher(lists)
    const wanted = mode === 'allow'
    return {
      onRequest(x) {
        if (x.consumer === null && x.claims === null) return { reply: 'acl-unauthenticated' }
        return isNamed(x) === wanted ? undefined : { reply: 'acl-denied' }
      },
    }
  },
})

function matcher({ consumers, groups, scopes, claims }: Omit<Config, 'mode'>): (x: Exchange) => boolean {
  const [ids, named, scoped] = [new Set(consumers), new Set(groups), new Set(scopes)]
  const claimed = Object.entries(claims).map(([name, values]) => [name, new Set(values)] as const)
  return ({ consumer, claims: own }) =>
    (consumer !== null && (ids.has(consumer.id) || consumer.groups.some((group) => named.has(group)))) ||
    (own !== null &&
      ((scoped.size > 0 && scopesOf(own).some((scope) => scoped.has(scope))) ||
        claimed.some(([name, values]) =>
          textsOf(Object.hasOwn(own, name) ? own[name] : undefined).some((text) => values.has(text)),
        )))
}

function scopesOf(claims: Readonly<Record<string, unknown>>): string[] {
  const { scope, scp } = claims
  return [scope, scp].flatMap((given) => (typeof given === 'string' ? given.split(' ') : textsOf(given)))
}

function textsOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.flatMap(textsOf)
  return typeof claim === 'string' || typeof claim === 'number' || typeof claim === 'boolean' ? [String(claim)] : []
}
