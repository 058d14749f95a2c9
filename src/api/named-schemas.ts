import type { TSchema } from '#bundles/typebox'
import { ApiToken, User } from '../model/access.ts'
import { Backend } from '../model/backend.ts'
import { Deployment } from '../model/deployment.ts'
import { ExplainedRequest, Explanation } from '../model/explanation.ts'
import { GatewayResponse } from '../model/gateway-response.ts'
import { ImportChange, ImportNote } from '../model/import.ts'
import { Content, MethodResponse, Parameter, RequestBody } from '../model/interface.ts'
import { ApiKey, KeyValues, Subscription, SubscriptionUsage } from '../model/key.ts'
import { Finding } from '../model/lint.ts'
import { Method, MethodBackend } from '../model/method.ts'
import { Model } from '../model/model.ts'
import { Plan, PlanStage } from '../model/plan.ts'
import { Policy, PolicyValue } from '../model/policy.ts'
import { Resource } from '../model/resource.ts'
import { ReceivedAnswer } from '../model/sent-request.ts'
import { Service } from '../model/service.ts'
import { OverlayNode, Stage } from '../model/stage.ts'
import { NodePlugin } from '../plugins/registry.ts'
import { Change } from './changes.ts'

/**
 * Schemas that the API's document names and refers to, so that generated clients have one type for one thing. Without them a
 * stage, which holds the settings of all plugins, would be written out wherever there is one.
 */
const named: Readonly<Record<string, TSchema>> = {
  ApiKey,
  ApiToken,
  Backend,
  Change,
  Content,
  Deployment,
  ExplainedRequest,
  Explanation,
  Finding,
  GatewayResponse,
  ImportChange,
  ImportNote,
  KeyValues,
  Method,
  MethodBackend,
  MethodResponse,
  Model,
  NodePlugin,
  OverlayNode,
  Parameter,
  Plan,
  PlanStage,
  Policy,
  PolicyValue,
  ReceivedAnswer,
  RequestBody,
  Resource,
  Service,
  Stage,
  Subscription,
  SubscriptionUsage,
  User,
  ...Object.fromEntries(pluginSchemas(NodePlugin)),
}

/** The settings of each plugin, as `CorsPlugin`. */
function pluginSchemas(union: TSchema): [string, TSchema][] {
  const { oneOf } = union as TSchema & { readonly oneOf: readonly (TSchema & { readonly title: string })[] }
  return oneOf.map((schema) => {
    const words = schema.title.split(/[^A-Za-z0-9]+/)
    return [`${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Plugin`, schema]
  })
}

interface Document {
  readonly paths?: object | undefined
  readonly components?: { readonly schemas?: object | undefined } | undefined
}

/** The document with these schemas as its components, and references in their places. */
export function withNamedSchemas<T extends Document>(document: T): T {
  const names = new Map<string, string>()
  const components: Record<string, unknown> = {}
  // The short ones first: they are parts of the long ones, which are known by what they look like with references in them.
  const schemas = Object.entries(named).sort(([, a], [, b]) => JSON.stringify(a).length - JSON.stringify(b).length)
  for (const [name, schema] of schemas) {
    const own = Object.fromEntries(members(JSON.parse(JSON.stringify(schema)), names))
    names.set(JSON.stringify(own), name)
    components[name] = own
  }
  return {
    ...document,
    paths: replaced(document.paths, names),
    components: { ...document.components, schemas: { ...document.components?.schemas, ...components } },
  }
}

/** What responses say of themselves, which the schemas in them do not. */
const meanings = new Set<unknown>(['The answer.', 'It was made.'])

function replaced(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member) => replaced(member, names))
  const own = Object.fromEntries(members(value, names))
  // What a response says of itself stands beside its schema already.
  if ('type' in own && meanings.has(own.description)) delete own.description
  const name = names.get(JSON.stringify(own))
  return name === undefined ? own : { $ref: `#/components/schemas/${name}` }
}

/** The members of a schema, as the document has them: a constant is an `enum` of one, and what all members of a record are comes last. */
function members(schema: object, names: ReadonlyMap<string, string>): [string, unknown][] {
  const all = Object.entries(schema)
  const rest = all.flatMap(([key, member]): [string, unknown][] => {
    if (key === 'const') return [['enum', [member]]]
    return key === 'patternProperties' ? [['additionalProperties', replaced(Object.values(member)[0], names)]] : []
  })
  const kept = all.filter(([key]) => key !== 'const' && key !== 'patternProperties')
  return [...kept.map(([key, member]): [string, unknown] => [key, replaced(member, names)]), ...rest]
}
