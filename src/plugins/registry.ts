import { type Static, Type } from '#bundles/typebox'
import { accessLog } from './access-log.ts'
import { acl } from './acl.ts'
import { basicAuth } from './basic-auth.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { compression } from './compression.ts'
import { concurrencyLimit } from './concurrency-limit.ts'
import { cors } from './cors.ts'
import { forwardAuth } from './forward-auth.ts'
import { hmacAuth } from './hmac-auth.ts'
import { ipRestriction } from './ip-restriction.ts'
import { jwt } from './jwt.ts'
import { keyAuth } from './key-auth.ts'
import { mirror } from './mirror.ts'
import { mock } from './mock.ts'
import { mtls } from './mtls.ts'
import { oauth2Introspection } from './oauth2-introspection.ts'
import type { PluginBackend, PluginDefinition } from './plugin.ts'
import { rateLimit } from './rate-limit.ts'
import { redirect } from './redirect.ts'
import { requestId } from './request-id.ts'
import { requestSizeLimit } from './request-size-limit.ts'
import { requestTransformer } from './request-transformer.ts'
import { requestValidator } from './request-validator.ts'
import { responseTransformer } from './response-transformer.ts'
import { restrictionPolicy } from './restriction-policy.ts'
import { retry } from './retry.ts'
import { timeout } from './timeout.ts'
import { trafficSplit } from './traffic-split.ts'
import { webSocket } from './websocket.ts'

/** Every plugin, in the order in which they run. To add one, add its line. */
export const plugins = [
  // identify: before anything can refuse, so that refusals carry the id too
  accessLog,
  requestId,
  timeout,
  // guard: cheap and certain, before anything that costs
  ipRestriction,
  // before whatever asks for credentials, which preflight requests do not have
  cors,
  requestSizeLimit,
  // authenticate: the cheapest first
  mtls,
  keyAuth,
  basicAuth,
  hmacAuth,
  jwt,
  oauth2Introspection,
  // authorize: by what is known of who it is
  acl,
  // limit: what only counts requests under way last, for it takes nothing that does not come back
  restrictionPolicy,
  rateLimit,
  concurrencyLimit,
  webSocket,
  // validate: cheap first, then what asks others
  requestValidator,
  forwardAuth,
  // transform: after all that refuses, so that guards see what the client sent
  compression,
  requestTransformer,
  responseTransformer,
  // answer: instead of the backend
  redirect,
  mock,
  // backend: how a request that nobody has answered goes to its backend
  trafficSplit,
  mirror,
  retry,
  circuitBreaker,
] as const

type AnyPlugin = (typeof plugins)[number]
export type PluginName = AnyPlugin['name']

/** Moves an attachment to just before or just after another plugin. */
export type Order = { readonly before: PluginName } | { readonly after: PluginName }

/** What every attachment can say beside the settings of its plugin. */
export interface AttachmentOptions {
  /** The condition (CEL, `condition.ts`) under which the plugin runs; always where there is none. */
  readonly when?: string
  readonly order?: Order
  /** `shadow`: what the plugin refuses is only counted and logged. Stored only where it is `shadow`. */
  readonly mode?: 'enforce' | 'shadow'
}

/** A plugin with its settings, as it is attached to a stage, path or method. The compiler refuses the settings of another plugin. */
export type Attachment = {
  [P in AnyPlugin as P['name']]: { plugin: P['name']; config: Static<P['config']> } & AttachmentOptions
}[PluginName]

/** A plugin that a node would inherit, and does without. */
export interface SwitchedOff {
  readonly plugin: PluginName
  readonly off: true
}

/** What a node of a tree says of a plugin: that it has it, or that it does without. */
export type NodePlugin = Attachment | SwitchedOff

const PluginReference = (title: string, description: string) => Type.String({ title, description, maxLength: 64 })

/** The schemas of the options. They say what a form needs; `design/check-plugins.ts` says what is wrong with a value. */
export const attachmentOptions = {
  when: Type.String({
    title: 'When',
    description:
      'The condition under which the plugin runs, in CEL over the request; always where there is none. See the guide on conditions.',
    maxLength: 2048,
    examples: ['request.method == "POST" && !("x-internal" in request.headers)'],
  }),
  order: Type.Object(
    {
      before: Type.Optional(PluginReference('Before', 'Runs just before this plugin.')),
      after: Type.Optional(PluginReference('After', 'Runs just after this plugin.')),
    },
    {
      title: 'Order',
      description:
        'Moves the plugin away from its usual place: `before` or `after` another one. Nothing moves where that one does not run.',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
      examples: [{ before: 'request-id' }],
    },
  ),
  mode: Type.Enum(['enforce', 'shadow'], {
    title: 'Mode',
    description:
      '`shadow`: the plugin runs, but what it would refuse is only counted and logged, and nothing that it does takes effect. `enforce` where it is absent.',
    examples: ['shadow'],
  }),
}

/** The schema: `oneOf` with a discriminator, so that one mistake gives one message with its exact path. */
export const NodePlugin = Type.Unsafe<NodePlugin>({
  type: 'object',
  title: 'Plugin',
  description:
    'A plugin and its settings; or `"off": true` for one that is inherited and shall not run here and below.',
  discriminator: { propertyName: 'plugin' },
  required: ['plugin'],
  oneOf: plugins.map((plugin) => ({
    type: 'object',
    title: plugin.name,
    description: plugin.summary,
    properties: { plugin: { const: plugin.name }, config: plugin.config, off: { const: true }, ...attachmentOptions },
    required: ['plugin'],
    additionalProperties: false,
  })),
})

/** Places of the plugins in the running order, by name. */
export const pluginOrder: ReadonlyMap<string, number> = new Map(plugins.map((plugin, place) => [plugin.name, place]))

/** The backends that an attachment holds. */
export function backendsOf({ plugin, config }: Attachment): PluginBackend[] {
  const definition: PluginDefinition | undefined = findPlugin(plugin)
  return definition?.backendsOf?.(config) ?? []
}

/** The definition of a plugin, or undefined if there is none of that name. */
export function findPlugin(name: string): AnyPlugin | undefined {
  return plugins.find((plugin) => plugin.name === name)
}
