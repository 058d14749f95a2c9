import fc from 'fast-check'
import { createVault, KEY_BYTES } from '../../lib/vault.ts'
import { type Place, type PluginDefinition, refusingPhases } from '../../plugins/plugin.ts'
import { exampleSettings } from '../../plugins/reference.ts'
import { type PluginName, plugins } from '../../plugins/registry.ts'
import { checkAttachments } from '../check-plugins.ts'

/** Plugins for properties, as an export writes them: with all of their settings, and their secrets protected. */

/** The key of the installations to which they can be applied: elsewhere what it has encrypted is refused. */
export const secretKey = Buffer.alloc(KEY_BYTES, 7)
const vault = createVault(secretKey)

/** Plugins of which more than the example is tried. */
const varied: { readonly [P in PluginName]?: fc.Arbitrary<object> } = {
  'request-id': fc.record({
    header: fc.constantFrom('x-request-id', 'x-trace'),
    trustClient: fc.boolean(),
    echo: fc.boolean(),
  }),
  'request-size-limit': fc.record({ maxBytes: fc.nat(1000) }),
}

/** Everything that can be said of a plugin; only plugins without an order are what others are ordered by. */
const attachments = plugins.map((plugin: PluginDefinition) => ({
  plugin,
  attachment: fc.record(
    {
      plugin: fc.constant(plugin.name),
      config: varied[plugin.name as PluginName] ?? fc.constant(completeSettings(plugin)),
      when: fc.constantFrom('request.method == "GET"', 'request.path.startsWith("/a")'),
      ...(plugin.name !== 'request-id' && {
        order: fc.constantFrom({ before: 'request-id' }, { after: 'request-id' }),
      }),
      ...(refusingPhases.includes(plugin.phase) && plugin.answersOptions !== true && { mode: fc.constant('shadow') }),
    },
    { requiredKeys: ['plugin', 'config'] },
  ),
}))

/** Some of the plugins that a place may have, and some that it does without. */
export function arbitraryPlugins(place: Place): fc.Arbitrary<object[]> {
  const here = attachments.filter(({ plugin }) => plugin.attach.includes(place))
  const off = here.map(({ plugin }) => ({ plugin: plugin.name, off: true }))
  return fc.uniqueArray(fc.oneof(...here.map(({ attachment }) => attachment), fc.constantFrom(...off)), {
    minLength: 1,
    maxLength: 3,
    selector: ({ plugin }) => plugin,
  })
}

/** The settings of the example with every default filled in. */
function completeSettings(plugin: PluginDefinition): object {
  const given = [{ plugin: plugin.name, config: exampleSettings(plugin) }]
  const { attachments, problems } = checkAttachments(given, { place: null, pathVariables: [], pointer: '', vault })
  const [attachment] = attachments
  if (attachment === undefined || 'off' in attachment || problems.length > 0)
    throw new Error(`The example of ${plugin.name} is not valid: ${JSON.stringify(problems)}`)
  return attachment.config
}
