import { type Static, Type } from 'typebox'
import { mock } from './mock.ts'
import { requestId } from './request-id.ts'
import { requestTransformer } from './request-transformer.ts'

/** Every plugin, in the order in which they run. To add one, add its line. */
export const plugins = [
  // identify: before anything can refuse, so that refusals carry the id too
  requestId,
  // transform: after all that refuses, so that guards see what the client sent
  requestTransformer,
  // answer: instead of the backend
  mock,
] as const

type AnyPlugin = (typeof plugins)[number]
export type PluginName = AnyPlugin['name']

/** A plugin with its settings, as it is attached to a stage, path or method. The compiler refuses the settings of another plugin. */
export type Attachment = {
  [P in AnyPlugin as P['name']]: { plugin: P['name']; config: Static<P['config']> }
}[PluginName]

/** The schema of an attachment: `oneOf` with a discriminator, so that one mistake gives one message with its exact path. */
export const Attachment = Type.Unsafe<Attachment>({
  type: 'object',
  title: 'Plugin',
  description: 'A plugin and its settings.',
  discriminator: { propertyName: 'plugin' },
  required: ['plugin', 'config'],
  oneOf: plugins.map((plugin) => ({
    type: 'object',
    title: plugin.name,
    description: plugin.summary,
    properties: { plugin: { const: plugin.name }, config: plugin.config },
    required: ['plugin', 'config'],
    additionalProperties: false,
  })),
})

/** Places of the plugins in the running order, by name. */
export const pluginOrder: ReadonlyMap<string, number> = new Map(plugins.map((plugin, place) => [plugin.name, place]))

/** The definition of a plugin, or undefined if there is none of that name. */
export function findPlugin(name: string): AnyPlugin | undefined {
  return plugins.find((plugin) => plugin.name === name)
}
