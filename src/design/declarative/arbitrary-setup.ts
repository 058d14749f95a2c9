import fc from 'fast-check'
import { newAuthority } from '../../lib/fake-authority.ts'
import { createVault } from '../../lib/vault.ts'
import { alertKinds } from '../../model/alert.ts'
import { gatewayResponseNames } from '../../model/gateway-response.ts'
import { verbs } from '../../model/method.ts'
import { ancestors } from '../paths.ts'
import { arbitraryBackend } from './arbitrary-backend.ts'
import { arbitraryMethod } from './arbitrary-method.ts'
import { arbitraryPlugins, secretKey } from './arbitrary-plugins.ts'
import { byName, type Fields, nonEmpty, plainText, some, text } from './arbitrary-texts.ts'

/**
 * Setups for properties, written as an export writes them: nothing that is the default, nothing that others imply. Every field
 * of the format is in some of them; every stage can be deployed, once it has a backend.
 */

const models = byName(['Pet', 'Person'], (name) =>
  fc.oneof(
    fc.record({ description: text, schema: fc.boolean() }, { requiredKeys: ['schema'] }),
    fc.record(
      {
        description: text,
        dialect: fc.constantFrom('draft-04', 'draft-07'),
        schema: fc.constantFrom(
          { type: 'object' },
          { type: 'object', properties: { next: { $ref: `#/models/${name}` } } },
        ),
      },
      { requiredKeys: ['schema'] },
    ),
  ),
)
const bodies = fc.uniqueArray(
  fc.record({ contentType: fc.constantFrom('application/json', 'text/html; charset=utf-8'), body: plainText }),
  { minLength: 1, maxLength: 2, selector: ({ contentType }) => contentType },
)
const gatewayResponses = byName(gatewayResponseNames, () =>
  some({ status: fc.constantFrom(200, 410), headers: fc.constantFrom({ 'x-a': '1' }), bodies }),
)
const networks = fc.record(
  { mode: fc.constant('deny'), list: fc.constantFrom(['10.0.0.0/8'], ['192.0.2.1', '2001:db8::/32']) },
  { requiredKeys: ['list'] },
)
const values = fc
  .uniqueArray(
    fc.record(
      { value: fc.constantFrom('a', 'B', 'c d', 'ü'), requestsPerSecond: fc.constantFrom(1, 1_000_000), networks },
      { requiredKeys: ['value'] },
    ),
    { minLength: 1, maxLength: 3, selector: ({ value }) => value },
  )
  .map((all) => all.toSorted((a, b) => (a.value < b.value ? -1 : 1)))
const policy = (key: fc.Arbitrary<object>) =>
  fc.record(
    {
      description: text,
      key,
      requestsPerSecond: fc.constantFrom(1, 10),
      unlisted: fc.constant('refuse'),
      remainingHeader: fc.constantFrom('x-left', 'RateLimit-Left'),
      values,
    },
    { requiredKeys: ['key'] },
  )
/** The one that the example of its plugin names is always there. */
const policies = fc.record(
  {
    tenants: policy(fc.constant({ in: 'header', name: 'x-tenant' })),
    'per.id': policy(fc.constantFrom({ in: 'path-variable', name: 'id' }, { in: 'header', name: 'X-Id' })),
  },
  { requiredKeys: ['tenants'] },
)
const paths = (modelNames: readonly string[]) =>
  byName(['/', '/a', '/a/{id}', '/a/{id}/b', '/c/{rest+}', '/d'], (path) =>
    some({
      description: text,
      plugins: arbitraryPlugins('path'),
      methods: nonEmpty(byName(verbs, (verb) => arbitraryMethod(verb, path, modelNames))),
    }),
  ).map(withoutImplied)
const design = some({ models: nonEmpty(models), gatewayResponses: nonEmpty(gatewayResponses) }).chain((fields) =>
  some({ paths: nonEmpty(paths(Object.keys(fields.models ?? {}))) }).map((more): Fields => ({ ...fields, ...more })),
)

const overlayNode = (node: string) =>
  some({ plugins: arbitraryPlugins(node.startsWith('/') ? 'path' : 'method'), backend: arbitraryBackend })
/** Made once: what they say does not matter. */
const authority = newAuthority()
const vault = createVault(secretKey)
const alert = fc
  .record({ kind: fc.constantFrom(...alertKinds), threshold: fc.constantFrom(0, 2.5, 99) })
  .chain((needed) =>
    some({
      windowMinutes: fc.constantFrom(1, 60),
      forMinutes: fc.constantFrom(0, 1_440),
      minCalls: fc.constantFrom(0, 1_000_000_000),
      webhook: fc.constantFrom('https://hooks.example.com/a', 'http://[::1]:9/?b=c'),
      secret: fc.constantFrom('first-secret', 'a second secret').map((secret) => vault.seal(secret)),
    }).map((fields): Fields => ({ ...needed, ...fields })),
  )
const alerts = byName(['errors', '5xx-of-live', 'slow'], () => alert)
/** Domains and prefixes belong to one stage: each is made for one. */
const stage = (nodes: readonly string[], isDefault: boolean, own: string) =>
  some({
    domains: fc.constantFrom([`${own}.example`], [`${own}.example`, `www.${own}.example`]),
    pathPrefix: fc.constant(`/${own}`),
    trailingSlash: fc.constant('ignore'),
    https: fc.constantFrom('redirect', 'required'),
    hsts: fc.constantFrom({ maxAgeSeconds: 0 }, { includeSubDomains: true, preload: true }),
    publicDocument: fc.constant(true),
    description: text,
    ...(isDefault && { isDefault: fc.constant(true) }),
    backend: arbitraryBackend,
    variables: fc.constantFrom({ a: '1' }, { a: '2', b: '3' }),
    plugins: arbitraryPlugins('stage'),
    keepDeployments: fc.integer({ min: 1, max: 99 }),
    ...(nodes.length > 0 && { overlay: nonEmpty(byName(nodes, overlayNode)) }),
  }).chain((fields) => alerts.map((alerts): Fields => ({ ...fields, alerts })))
const service = (name: string) =>
  fc.record({ description: text, design, policies }, { requiredKeys: ['design', 'policies'] }).chain((fields) => {
    const nodes = nodesOf(fields.design)
    const stages = some({ live: stage(nodes, true, `${name}-live`), test: stage(nodes, false, `${name}-test`) })
    return stages.map((all): Fields => ({ ...fields, stages: all }))
  })

const plans = (stages: readonly string[]) =>
  byName(['gold', 'silver', 'free'], () =>
    fc
      .record({
        rate: fc.constantFrom({}, { requestsPerSecond: 5 }, { requestsPerSecond: 5, burst: 9 }),
        others: some({
          description: text,
          quota: fc.constantFrom({ requests: 100, per: 'day' }, { requests: 1, per: 'month' }),
          ...(stages.length > 0 && { stages: fc.subarray([...stages].sort(), { minLength: 1 }) }),
        }),
      })
      .map(({ rate, others }): Fields => ({ ...rate, ...others })),
  )
const keys = (plans: Fields) => {
  const connections = Map.groupBy(connectionsOf(plans), ({ stage }) => stage)
  const subscriptions = nonEmpty(
    some(
      Object.fromEntries(
        [...connections].map(([stage, all]) => [stage, fc.constantFrom(...all.map(({ plan }) => plan))]),
      ),
    ),
  )
  return byName(['Acme, Inc.', 'Ölmühle', 'constructor', '~/a'], () =>
    some({
      description: text,
      active: fc.constant(false),
      expiresAt: fc.constantFrom('2099-01-31T00:00:00.000Z', '2020-01-31T00:00:00.000Z'),
      ...(connections.size > 0 && { subscriptions }),
    }),
  )
}

const certificates = byName(['a.example', 'b-1'], (name) => {
  const { certificate, key } = authority.issue({ commonName: name, names: [name] })
  return some({ isDefault: fc.constant(true) }).map(
    (fields): Fields => ({ chain: certificate, key: vault.seal(key), ...fields }),
  )
})

/** Whole setups of up to three services, plans, keys and certificates. */
export const arbitrarySetup = byName(['alpha', 'beta', 'gamma'], service)
  .chain((services) => fc.record({ services: fc.constant(services), plans: plans(stagesOf(services)) }))
  .chain(({ services, plans }) =>
    fc.record({ services: fc.constant(services), plans: fc.constant(plans), keys: keys(plans), certificates }),
  )
  .map(
    (kinds): Fields =>
      // As it comes out of a file: fast-check's objects have no prototype.
      JSON.parse(JSON.stringify({ turnpike: 1, ...kinds })),
  )

/** What plans can be connected to. */
function stagesOf(services: Fields): string[] {
  return Object.entries(services as Record<string, { stages?: object }>).flatMap(([name, { stages = {} }]) =>
    Object.keys(stages).map((stage) => `${name}/${stage}`),
  )
}

/** What keys can be subscribed to. */
function connectionsOf(plans: Fields): { plan: string; stage: string }[] {
  return Object.entries(plans as Record<string, { stages?: readonly string[] }>).flatMap(([plan, { stages = [] }]) =>
    stages.map((stage) => ({ plan, stage })),
  )
}

function withoutImplied(all: Fields): Fields {
  const implied = new Set(['/', ...Object.keys(all).flatMap(ancestors)])
  return Object.fromEntries(
    Object.entries(all).filter(([name, fields]) => !implied.has(name) || Object.keys(fields as object).length > 0),
  )
}

/** What an overlay may speak of. */
function nodesOf(fields: Fields): string[] {
  return Object.entries((fields.paths ?? {}) as Record<string, { methods?: object }>).flatMap(([name, { methods }]) => [
    name,
    ...Object.keys(methods ?? {}).map((verb) => `${verb} ${name}`),
  ])
}
