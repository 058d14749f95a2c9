import { type Static, Type } from '#bundles/typebox'
import { cookieValue } from '../lib/cookies.ts'
import { EXPECTED } from '../lib/expected.ts'
import { isFieldName } from '../lib/headers/header-list.ts'
import { KeyedHash } from '../lib/keyed-hash.ts'
import { queryValues } from '../lib/query.ts'
import { BackendSetting } from './backend-setting.ts'
import { type BackendRef, definePlugin, type Exchange, type PluginEnv, type Problem } from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate } from './variables.ts'

const DEFAULT_COOKIE = 'turnpike-split'
/** Bytes of the random value of a cookie. */
const COOKIE_BYTES = 12
/** Longer than any that we give: what a client makes up is not hashed at any length. */
const MAX_COOKIE = 64

const Side = Type.Object(
  {
    name: Type.String({
      title: 'Name',
      description: 'What the side is called in statistics, logs and `${split.side}`.',
      pattern: '^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$',
      [EXPECTED]: 'up to 30 lower-case letters, digits and hyphens, with a letter or a digit at both ends',
      examples: ['canary'],
    }),
    weight: Type.Integer({
      title: 'Weight',
      description: 'Share of the requests, beside those of the other sides; 0 for none but those of rules.',
      minimum: 0,
      maximum: 1_000,
      default: 1,
      examples: [10],
    }),
    backend: Type.Optional(
      BackendSetting('Backend', 'Where the requests of the side go; where they would have gone anyway, if left out.'),
    ),
    path: Type.Optional(
      Type.String({
        title: 'Path',
        description: "Template of the backend path; the method's own, if left out.",
        pattern: '^/',
        [EXPECTED]: 'a path that begins with /',
        maxLength: 1_000,
        examples: ['/v2${request.uriPath}'],
        [TEMPLATE_MARK]: true,
      }),
    ),
  },
  { additionalProperties: false },
)

const Rule = Type.Object(
  {
    in: Type.Enum(['header', 'cookie', 'query'], { title: 'In', description: 'Where to look.', examples: ['header'] }),
    name: Type.String({
      title: 'Name',
      description: 'Of the header, cookie or query parameter.',
      minLength: 1,
      maxLength: 128,
      examples: ['x-beta'],
    }),
    values: Type.Array(Type.String({ maxLength: 1_000 }), {
      title: 'Values',
      description: 'One of these, exactly; any at all, where there are none.',
      maxItems: 1_000,
      default: [],
      examples: [['yes', '1']],
    }),
    side: Type.String({ title: 'Side', description: 'The name of the side.', examples: ['canary'] }),
  },
  { additionalProperties: false },
)
type Rule = Static<typeof Rule>

const Settings = Type.Object(
  {
    sides: Type.Array(Side, {
      title: 'Sides',
      description: 'Among which the requests are divided.',
      minItems: 1,
      maxItems: 20,
      examples: [
        [
          { name: 'stable', weight: 90 },
          { name: 'canary', weight: 10, backend: { targets: [{ url: 'http://127.0.0.1:3001', weight: 1 }] } },
        ],
      ],
    }),
    rules: Type.Array(Rule, {
      title: 'Rules',
      description: 'Looked at in this order, before the weights.',
      maxItems: 100,
      default: [],
      examples: [[{ in: 'header', name: 'x-beta', values: ['yes'], side: 'canary' }]],
    }),
    stickyBy: Type.Enum(['none', 'cookie', 'client-ip', 'consumer', 'header'], {
      title: 'Sticky by',
      description: 'What keeps a client on its side.',
      default: 'none',
      examples: ['cookie'],
    }),
    stickyName: Type.Optional(
      Type.String({
        title: 'Sticky name',
        description: `Of the header or of the cookie, which is called \`${DEFAULT_COOKIE}\` if it is left out.`,
        minLength: 1,
        maxLength: 128,
        examples: ['x-tenant'],
      }),
    ),
    stickyFor: Type.Integer({
      title: 'Sticky for',
      description: 'Seconds that the cookie is kept; 0 until the browser is closed.',
      minimum: 0,
      maximum: 34_560_000,
      default: 86_400,
      examples: [3_600],
    }),
  },
  { additionalProperties: false },
)
type Settings = Static<typeof Settings>

export const trafficSplit = definePlugin({
  name: 'traffic-split',
  summary:
    'Divides requests among backends: by weight, by what they carry, and always the same way for the same client.',
  docs: `The first rule that fits a request picks its side. Requests that no rule fits are divided by the weights. See the guide [Backends that fail](../guides/resilience.md).

With \`stickyBy\` the same client stays on the same side: by a cookie that the gateway sets (a random value), by its address, by its consumer, or by a header. Its place is a point between 0 and 1, and the sides have their stretches of that in the order in which they stand: when the second of two sides goes from 10 to 20 percent, those who were on it stay, and others come to it. A request without what it should be recognised by is divided at random.

Where a side has no backend its requests go where they would have gone: the split is then a name in the statistics, or another path. The other plugins are the same for all sides; a \`circuit-breaker\` has a state for each.

What a side is called is the context variable \`split.side\` from then on.`,
  phase: 'backend',
  attach: ['stage', 'path', 'method'],
  sides: ['request', 'response'],
  config: Settings,

  backendsOf: ({ sides }) =>
    sides.flatMap(({ name, backend }, i) =>
      backend === undefined ? [] : [{ key: name, path: `/sides/${i}/backend`, backend }],
    ),

  check({ sides, rules, stickyBy, stickyName }, { pathVariables }) {
    const names = sides.map(({ name }) => name)
    return [
      ...sides.flatMap(({ name, path }, i) => [
        ...(names.indexOf(name) === i
          ? []
          : [{ path: `/sides/${i}/name`, message: `There is a side "${name}" already: give this one another name.` }]),
        ...(path === undefined ? [] : checkTemplate(path, `/sides/${i}/path`, pathVariables)),
      ]),
      ...(sides.every(({ weight }) => weight === 0)
        ? [{ path: '/sides', message: 'All weights are 0: requests that no rule fits would have nowhere to go.' }]
        : []),
      ...rules.flatMap(({ in: where, name, side }, i) => [
        ...(names.includes(side)
          ? []
          : [{ path: `/rules/${i}/side`, message: `There is no side "${side}": there are ${names.join(', ')}.` }]),
        ...(where === 'query' || isFieldName(name)
          ? []
          : [{ path: `/rules/${i}/name`, message: `"${name}" cannot be the name of a ${where}.` }]),
      ]),
      ...checkSticky(stickyBy, stickyName),
    ]
  },

  create(config, env) {
    const { random, randomHex } = env
    const sides = readySides(config.sides, env)
    const byName = new Map(sides.map((side) => [side.name, side]))
    const rules = config.rules.flatMap((rule) => readyRule(rule, byName.get(rule.side)))
    const pointOf = pointReader(config)
    const cookie = config.stickyBy === 'cookie' ? stickyCookie(config) : null
    // The cookies that are to be set, until the answer: by exchange, which is used again and again.
    const owed = new WeakMap<Exchange, string>()
    return {
      onRequest(x) {
        for (const { fits, side } of rules) if (fits(x)) return take(x, side)
        let point = pointOf(x)
        if (point === undefined && cookie !== null) {
          const value = randomHex(COOKIE_BYTES)
          owed.set(x, value)
          point = pointFor(value)
        }
        take(x, sideAt(sides, point ?? random()))
      },
      ...(cookie !== null && {
        onResponse(x) {
          const value = owed.get(x)
          if (value === undefined) return
          owed.delete(x)
          x.response.headers.add('Set-Cookie', cookie(value, x.request.scheme === 'https'))
        },
      }),
      describe: ({ split }) => [`side "${split}"`],
    }
  },
})

/** A side as requests find it. */
interface ReadySide {
  readonly name: string
  /** Null for where the request would go anyway. */
  readonly to: BackendRef | null
  /** Where its stretch ends, between 0 and 1. */
  readonly end: number
}

function readySides(sides: Settings['sides'], { backend }: PluginEnv): ReadySide[] {
  const total = sides.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  return sides.map(({ name, weight, backend: own, path }) => {
    sum += weight
    const isOther = own !== undefined || path !== undefined
    return { name, to: isOther ? backend(own === undefined ? null : name, path) : null, end: sum / total }
  })
}

function take(x: Exchange, { name, to }: ReadySide): undefined {
  x.split = name
  if (to !== null) x.sendTo = to
}

/** The side whose stretch a point is in. */
function sideAt(sides: readonly ReadySide[], point: number): ReadySide {
  // The last stretch ends at 1, and every point is below it.
  return sides.find(({ end }) => point < end) ?? (sides[sides.length - 1] as ReadySide)
}

function readyRule(
  { in: where, name, values }: Rule,
  side: ReadySide | undefined,
): { fits: (x: Exchange) => boolean; side: ReadySide }[] {
  if (side === undefined) return []
  // A header's bytes are read as Latin-1, whatever they mean.
  const wanted = new Set(where === 'query' ? values : values.map((value) => Buffer.from(value).toString('latin1')))
  const read = valueReader(where, name)
  const fits = (x: Exchange) => {
    const value = read(x)
    return value !== undefined && (wanted.size === 0 || wanted.has(value))
  }
  return [{ fits, side }]
}

function valueReader(where: Rule['in'], name: string): (x: Exchange) => string | undefined {
  const key = name.toLowerCase()
  if (where === 'query') return (x) => queryValues(x.request.query, name)
  if (where === 'header') return key === 'host' ? (x) => x.request.host : (x) => x.request.headers.get(key)
  return (x) => cookieValue(x.request.headers.get('cookie') ?? '', name)
}

/** The point of a request; undefined where there is nothing that it could be recognised by. */
function pointReader({ stickyBy, stickyName = DEFAULT_COOKIE }: Settings): (x: Exchange) => number | undefined {
  const read = stickyReader(stickyBy, stickyName)
  return (x) => {
    const key = read(x)
    return key === undefined || key === '' ? undefined : pointFor(key)
  }
}

function stickyReader(stickyBy: Settings['stickyBy'], name: string): (x: Exchange) => string | undefined {
  switch (stickyBy) {
    case 'none':
      return () => undefined
    case 'client-ip':
      return (x) => x.clientIp
    case 'consumer':
      return (x) => x.consumer?.id
    case 'header':
      return valueReader('header', name)
    case 'cookie': {
      const read = valueReader('cookie', name)
      return (x) => {
        const value = read(x)
        return value !== undefined && value.length <= MAX_COOKIE ? value : undefined
      }
    }
  }
}

/** The same in all workers and after every start: so with a key that everybody may know. */
const hash = new KeyedHash(0x74726166, 0x73706c74)

/** A point at least 0 and below 1, always the same for a key. */
function pointFor(key: string): number {
  hash.digest(key)
  return (hash.low >>> 0) / 2 ** 32
}

function stickyCookie({
  stickyName = DEFAULT_COOKIE,
  stickyFor,
}: Settings): (value: string, isSecure: boolean) => string {
  const age = stickyFor === 0 ? '' : `; Max-Age=${stickyFor}`
  return (value, isSecure) =>
    `${stickyName}=${value}; Path=/${age}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
}

function checkSticky(stickyBy: Settings['stickyBy'], name: string | undefined): Problem[] {
  const problem = (message: string) => [{ path: '/stickyName', message }]
  if (stickyBy === 'header' && name === undefined) return problem('Name the header.')
  if (name === undefined) return []
  if (stickyBy !== 'header' && stickyBy !== 'cookie')
    return problem(`A name means nothing where clients are told apart by ${stickyBy}: leave it out.`)
  return isFieldName(name) ? [] : problem(`"${name}" cannot be the name of a ${stickyBy}.`)
}
