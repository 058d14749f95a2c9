import fc from 'fast-check'
import { ancestors } from '../paths.ts'

/** Setups for properties, written as an export writes them: nothing that is the default, nothing that others imply. */

type Fields = Record<string, unknown>

const text = fc.string({ minLength: 1, maxLength: 12 })
const header = fc.constantFrom('x-request-id', 'x-trace')
const when = fc.constantFrom('request.method == "GET"', 'request.path.startsWith("/a")')
const plugin = fc.oneof(
  fc.record(
    {
      plugin: fc.constant('ip-restriction'),
      config: fc.constantFrom({ mode: 'allow', networks: ['10.0.0.0/8'] }),
      when,
      order: fc.constantFrom({ after: 'request-size-limit' }),
      mode: fc.constant('shadow'),
    },
    { requiredKeys: ['plugin', 'config'] },
  ),
  fc.record({
    plugin: fc.constant('request-id'),
    config: fc.record({ header, trustClient: fc.boolean(), echo: fc.boolean() }),
  }),
  fc.record({ plugin: fc.constant('request-size-limit'), config: fc.record({ maxBytes: fc.nat(1000) }) }),
  fc.constant({ plugin: 'mock', off: true }),
)
const plugins = fc.uniqueArray(plugin, { minLength: 1, maxLength: 3, selector: (one) => one.plugin })

/** Some of the fields. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] })
/** Some of the names, each with fields. */
const byName = (names: readonly string[], fields: fc.Arbitrary<unknown>) =>
  some(Object.fromEntries(names.map((name) => [name, fields])))

const methodBackend = fc.oneof(
  fc.record({ kind: fc.constant('http'), path: fc.constantFrom('/v2', '/v3/${request.uriPath}') }),
  fc.record(
    {
      kind: fc.constant('mock'),
      status: fc.constantFrom(201, 404),
      body: text.map((body) => body.replaceAll('$', 's')),
    },
    { requiredKeys: ['kind'] },
  ),
)
const method = some({
  name: text,
  description: text,
  tags: fc.array(text, { minLength: 1, maxLength: 2 }),
  deprecated: fc.constant(true),
  operationId: fc.constantFrom('read', 'write'),
  parameters: fc.constantFrom([{ in: 'query', name: 'limit', schema: { type: 'integer' } }]),
  requestBody: fc.constantFrom({ required: true, content: [{ contentType: 'application/json', schema: true }] }),
  responses: fc.constantFrom([{ status: '200', content: [{ contentType: 'text/plain' }] }]),
  backend: methodBackend,
  plugins,
})
const methods = byName(['GET', 'POST', 'ANY'], method).filter((all) => Object.keys(all).length > 0)
const path = some({ description: text, plugins, methods })
const paths = byName(['/', '/a', '/a/{id}', '/a/{id}/b', '/c/{rest+}', '/d'], path).map(withoutImplied)
const models = byName(
  ['Pet', 'Person'],
  fc.record({ description: text, schema: fc.constantFrom(true, { type: 'object' }, { type: 'string' }) }),
)
const gatewayResponses = byName(
  ['not-found', 'forbidden'],
  fc.record(
    { status: fc.constantFrom(200, 410), headers: fc.constantFrom({ 'x-a': '1' }) },
    { requiredKeys: ['status'] },
  ),
)
const design = some({
  models: nonEmpty(models),
  gatewayResponses: nonEmpty(gatewayResponses),
  paths: nonEmpty(paths),
})

const backend = fc.record({
  targets: fc.uniqueArray(
    fc.record(
      { url: fc.constantFrom('http://127.0.0.1:1', 'https://b.example.com/v1'), weight: fc.constantFrom(2, 3) },
      { requiredKeys: ['url'] },
    ),
    { minLength: 1, maxLength: 2, selector: ({ url }) => url },
  ),
})
/** Domains and prefixes belong to one stage: each is made for one. */
const stage = (nodes: readonly string[], isDefault: boolean, own: string) =>
  some({
    domains: fc.constantFrom([`${own}.example`], [`${own}.example`, `www.${own}.example`]),
    pathPrefix: fc.constant(`/${own}`),
    trailingSlash: fc.constant('ignore'),
    publicDocument: fc.constant(true),
    description: text,
    ...(isDefault && { isDefault: fc.constant(true) }),
    backend,
    variables: fc.constantFrom({ a: '1' }, { a: '2', b: '3' }),
    plugins,
    keepDeployments: fc.integer({ min: 1, max: 99 }),
    ...(nodes.length > 0 && { overlay: nonEmpty(byName(nodes, some({ plugins, backend }))) }),
  })
const service = (name: string) =>
  fc.record({ description: text, design }, { requiredKeys: ['design'] }).chain((fields) => {
    const nodes = nodesOf(fields.design)
    const stages = some({ live: stage(nodes, true, `${name}-live`), test: stage(nodes, false, `${name}-test`) })
    return stages.map((all): Fields => ({ ...fields, stages: all }))
  })

/** Whole setups of up to three services. */
export const arbitrarySetup = some({
  alpha: service('alpha'),
  beta: service('beta'),
  gamma: service('gamma'),
}).map(
  (services): Fields =>
    // As it comes out of a file: fast-check's objects have no prototype.
    JSON.parse(JSON.stringify({ turnpike: 1, services })),
)

function nonEmpty(fields: fc.Arbitrary<Fields>): fc.Arbitrary<Fields> {
  return fields.filter((all) => Object.keys(all).length > 0)
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
