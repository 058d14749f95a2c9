import { type TSchema, Type } from '#bundles/typebox'
import { isHashed, isOurs, isSealed, type Vault } from '../lib/vault.ts'
import type { Problem } from './plugin.ts'

/**
 * Secrets among the settings of plugins. A setting says by its schema that it is one; from then on nothing but the plugin
 * itself, in the gateway, ever sees it in clear.
 */

type How = 'seal' | 'hash'
interface Options {
  readonly title: string
  readonly description: string
  readonly minLength?: number
  readonly examples: readonly string[]
}

/** Longer than any key or password, sealed or not. */
const MAX_LENGTH = 65_536

/** What is said of a secret that another key has sealed. */
export const NOT_OURS =
  'The secret was encrypted by another installation of Turnpike, or was changed: give it in clear.'

const protectedText = (how: How, options: Options) =>
  Type.Unsafe<string>({
    type: 'string',
    writeOnly: true,
    minLength: 1,
    maxLength: MAX_LENGTH,
    'x-protect': how,
    ...options,
    description: `${options.description} Kept ${how === 'seal' ? 'encrypted' : 'as a slow hash'}; what is read of it can be sent back to keep it.`,
  })

/** A secret that the plugin needs in clear: a shared key, say. */
export const Secret = (options: Options) => protectedText('seal', options)

/** A password that the plugin only has to recognise. */
export const HashedPassword = (options: Options) => protectedText('hash', options)

/** Settings with all secrets protected. Those that are protected already stay as they are; what another key has sealed is a problem. */
export function protect<Config>(
  config: Config,
  schema: TSchema,
  vault: Vault,
): { readonly config: Config; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const walked = walk(config, schema, '', (text, how, path, beside) => {
    if (how === 'hash') return isHashed(text) ? text : vault.hash(text, beside)
    if (!isSealed(text)) return vault.seal(text)
    if (!isOurs(text, vault))
      problems.push({
        path,
        message: NOT_OURS,
      })
    return text
  })
  // Only texts have been replaced by texts.
  return { config: walked as Config, problems }
}

/** Settings with their sealed secrets in clear. Throws `NotOurs`. */
export function reveal<Config>(config: Config, schema: TSchema, vault: Pick<Vault, 'open'>): Config {
  return walk(config, schema, '', (text, how) => (how === 'seal' && isSealed(text) ? vault.open(text) : text)) as Config
}

type Replace = (text: string, how: How, path: string, beside: string) => string

/** A schema as it is walked: only what can lead to a secret. */
interface Walkable {
  readonly 'x-protect'?: How
  readonly properties?: Readonly<Record<string, Walkable>>
  readonly patternProperties?: Readonly<Record<string, Walkable>>
  readonly items?: Walkable
  readonly anyOf?: readonly Walkable[]
  readonly oneOf?: readonly Walkable[]
}

/** `beside` is what stands beside the secret in its object: the name of its user, say. */
function walk(value: unknown, given: TSchema | Walkable, path: string, replace: Replace, beside = ''): unknown {
  const schema = given as Walkable
  const how = schema['x-protect']
  if (how !== undefined) return typeof value === 'string' ? replace(value, how, path, beside) : value
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return either.reduce((walked, one) => walk(walked, one, path, replace, beside), value)
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((item, i) => walk(item, items, `${path}/${i}`, replace))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
  const texts = members.flatMap(([key, member]) => {
    const isSecret = schema.properties?.[key]?.['x-protect'] !== undefined
    return typeof member === 'string' && !isSecret ? [`${key}=${member}`] : []
  })
  return Object.fromEntries(
    members.map(([key, member]) => {
      const found = schema.properties?.[key] ?? Object.values(schema.patternProperties ?? {})[0]
      const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      return [key, found === undefined ? member : walk(member, found, at, replace, texts.join('\n'))]
    }),
  )
}
