import type { Method } from '../../model/method.ts'
import type { Resource } from '../../model/resource.ts'
import type { Attachment } from '../../plugins/registry.ts'
import { EffectivePlugins, type Overlaid } from '../effective.ts'
import { type Fields, isRecord } from './source.ts'

/** What the methods of a design want of their callers, in the words of OpenAPI: API keys, as `key-auth` takes them. */

/** A scheme that says what plugins in `x-turnpike` say as well: an import goes by these. */
const IMPLIED = 'x-turnpike-implied'

/** The schemes of a document, and what each operation requires. */
export interface Security {
  /** The schemes of some methods, by name; null for none. */
  schemesOf(methods: readonly Method[]): Fields | null
  /** What a method requires: one of them suffices. Null for nothing. */
  of(method: Method): readonly Fields[] | null
}

/** Reads the plugins that hold for each method of a design, with what a stage lays over it. */
export function securityOf(resources: readonly Resource[], stage: Overlaid, isWhole: boolean): Security {
  const effective = new EffectivePlugins(stage, resources)
  const byId = new Map(resources.map((resource) => [resource.id, resource]))
  const keyAuthOf = (method: Method) => {
    const resource = byId.get(method.resourceId)
    const plugins = resource === undefined ? [] : effective.of(resource, method)
    return plugins.map(({ attachment }) => attachment).find(isKeyAuth)
  }
  return {
    schemesOf(methods) {
      const schemes = methods.flatMap((method) => Object.entries(schemesOf(keyAuthOf(method), isWhole)))
      return schemes.length === 0 ? null : Object.fromEntries(schemes.sort(([a], [b]) => (a < b ? -1 : 1)))
    },
    of(method) {
      const attachment = keyAuthOf(method)
      if (attachment === undefined) return null
      const names = Object.keys(schemesOf(attachment, isWhole))
      // Under a condition some get by without.
      return [...(attachment.when === undefined ? [] : [{}]), ...names.map((name) => ({ [name]: [] }))]
    },
  }
}

type KeyAuth = Extract<Attachment, { readonly plugin: 'key-auth' }>

/** In shadow it refuses nobody. */
function isKeyAuth(attachment: Attachment): attachment is KeyAuth {
  return attachment.plugin === 'key-auth' && attachment.mode !== 'shadow'
}

function schemesOf(attachment: KeyAuth | undefined, isWhole: boolean): Fields {
  if (attachment === undefined) return {}
  const { header, query } = attachment.config
  const places = [{ in: 'header', name: header }, ...(query === undefined ? [] : [{ in: 'query', name: query }])]
  return Object.fromEntries(
    places.map((place) => [
      // Names of schemes have fewer characters than those of headers (OpenAPI 3.1, section 4.8.7).
      `${place.in}-${place.name.toLowerCase().replace(/[^a-z0-9._-]/g, '_')}`,
      { type: 'apiKey', ...place, ...(isWhole && { [IMPLIED]: true }) },
    ]),
  )
}

/** The security schemes of a document, whatever its version. */
export function schemesIn({ components, securityDefinitions }: Fields): Fields {
  const schemes = (isRecord(components) ? components.securitySchemes : undefined) ?? securityDefinitions
  return isRecord(schemes) ? schemes : {}
}

/** The names of the schemes that plugins in `x-turnpike` say as well. */
export function impliedSchemes(root: Fields): string[] {
  return Object.entries(schemesIn(root)).flatMap(([name, scheme]) =>
    isRecord(scheme) && scheme[IMPLIED] === true ? [name] : [],
  )
}

/** The names of the schemes that each alternative of a requirement wants. */
export function alternativesOf(security: unknown): string[][] {
  return Array.isArray(security)
    ? security.map((alternative) => Object.keys(isRecord(alternative) ? alternative : {}))
    : []
}
