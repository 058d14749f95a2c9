import type { CredentialPlaces, PluginDefinition } from '../plugins/plugin.ts'
import { findPlugin } from '../plugins/registry.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** Where the requests of a stage carry credentials, by the plugins of all its routes that look for them. */
export function credentialPlaces({ routes }: Pick<Snapshot, 'routes'>): CredentialPlaces {
  const headers = new Set<string>()
  const query = new Set<string>()
  for (const { plugins } of routes)
    for (const { plugin, config } of plugins) {
      const definition: PluginDefinition | undefined = findPlugin(plugin)
      // The settings are of this very plugin: design/check-plugins.ts has checked them against its schema.
      const places = definition?.credentialsOf?.(config as never)
      for (const name of places?.headers ?? []) headers.add(name.toLowerCase())
      for (const name of places?.query ?? []) query.add(name)
    }
  return { headers: [...headers], query: [...query] }
}
