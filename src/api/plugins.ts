import { Type } from '#bundles/typebox'
import {
  type Phase,
  type Place,
  type PluginDefinition,
  phases,
  refusingPhases,
  type Side,
  sides,
} from '../plugins/plugin.ts'
import { exampleSettings } from '../plugins/reference.ts'
import { attachmentOptions, plugins } from '../plugins/registry.ts'
import { contextVariables } from '../plugins/variables.ts'
import { type Api, JsonSchema, may } from './context.ts'

/** What the plugins say of themselves: of this a form for any of them can be made. */

const Plugin = Type.Object(
  {
    name: Type.String(),
    summary: Type.String({ description: 'One sentence: what it does.' }),
    docs: Type.String({ description: 'Markdown: what one must know beyond the settings.' }),
    phase: Type.Enum([...phases] as Phase[], { description: 'When it runs.' }),
    attach: Type.Array(Type.Enum(['stage', 'path', 'method'] as Place[]), { description: 'Where it may be attached.' }),
    sides: Type.Array(Type.Enum([...sides] as Side[]), {
      description: 'On which way it does what it is for: to the backend, back from it, or both.',
    }),
    canShadow: Type.Boolean({ description: 'Whether it can refuse requests, and so run in shadow.' }),
    config: JsonSchema('Of the settings.'),
    example: Type.Record(Type.String(), Type.Unknown(), { description: 'Settings to begin with.' }),
  },
  { title: 'PluginDefinition' },
)
const PluginList = Type.Object({
  items: Type.Array(Plugin, { description: 'In the order in which they run.' }),
  options: Type.Record(Type.String(), JsonSchema('Of one option.'), {
    description: 'What every attachment can carry beside its settings.',
  }),
  variables: Type.Array(Type.Object({ name: Type.String(), description: Type.String() }), {
    description: 'What values may refer to as `${name}`; NAME stands for a name of the reader.',
  }),
})

export function pluginRoutes(api: Api): void {
  const list = {
    items: plugins.map((plugin: PluginDefinition) => ({
      name: plugin.name,
      summary: plugin.summary,
      docs: plugin.docs,
      phase: plugin.phase,
      attach: [...plugin.attach],
      sides: [...(plugin.sides ?? (['request'] as const))],
      canShadow: refusingPhases.includes(plugin.phase),
      config: plugin.config as unknown as Record<string, unknown>,
      example: exampleSettings(plugin) as Record<string, unknown>,
    })),
    options: attachmentOptions as unknown as Record<string, Record<string, unknown>>,
    variables: contextVariables(),
  }
  api.get(
    '/plugins',
    {
      ...may('authenticated'),
      schema: {
        summary: 'List the plugins, with the schemas of their settings',
        tags: ['Design'],
        response: { 200: PluginList },
      },
    },
    () => list,
  )
}
