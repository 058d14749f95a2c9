import { type Static, Type } from 'typebox'
import { cors } from './cors.ts'
import { ipRestriction } from './ip-restriction.ts'
import { mock } from './mock.ts'
import { redirect } from './redirect.ts'
import { requestId } from './request-id.ts'
import { requestSizeLimit } from './request-size-limit.ts'
import { requestTransformer } from './request-transformer.ts'
import { responseTransformer } from './response-transformer.ts'
import { timeout } from './timeout.ts'

/** Every plugin, in the order in which they run. To add one, add its line. */
export const plugins = [
  // identify: before anything can refuse, so that refusals carry the id too
  requestId,
  timeout,
  // guard: cheap and certain, before anything that costs
  ipRestriction,
  // before whatever asks for credentials, which preflight requests do not have
  cors,
  requestSizeLimit,
  // transform: after all that refuses, so that guards see what the client sent
  requestTransformer,
  responseTransformer,
  // answer: instead of the backend
  redirect,
  mock,
] as const

type AnyPlugin = (typeof plugins)[number]
export type PluginName = AnyPlugin['name']

/** A plugin with its settings, as it is attached to a stage, path or method. The compiler refuses the settings of another plugin. */
export type Attachment = {
  [P in AnyPlugin as P['name']]: { plugin: P['name']; config: Static<P['config']> }
}[PluginName]

/** A plugin that a node would inherit, and does without. */
export interface SwitchedOff {
  readonly plugin: PluginName
  readonly off: true
}

/** What a node of a tree says of a plugin: that it has it, or that it does without. */
export type NodePlugin = Attachment | SwitchedOff

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
    properties: { plugin: { const: plugin.name }, config: plugin.config, off: { const: true } },
    required: ['plugin'],
    additionalProperties: false,
  })),
})

/** Places of the plugins in the running order, by name. */
export const pluginOrder: ReadonlyMap<string, number> = new Map(plugins.map((plugin, place) => [plugin.name, place]))

/** The definition of a plugin, or undefined if there is none of that name. */
export function findPlugin(name: string): AnyPlugin | undefined {
  return plugins.find((plugin) => plugin.name === name)
}
