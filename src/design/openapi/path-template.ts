import { canonicalPath } from '../../lib/canonical-path.ts'

/** Path templates of documents, as paths of a design. */

/** What had to be changed of a path. */
export type PathChange = 'trailingSlash' | 'renamedVariable' | 'partialVariable' | 'badPath'

export interface PathTemplate {
  /** The path as a design has it; still to be checked. */
  readonly path: string
  /** What each variable of the document is called here. */
  readonly variables: ReadonlyMap<string, string>
  readonly changes: ReadonlySet<PathChange>
}

const VARIABLE = /^\{([^{}]*?)(\+?)\}$/
const MAX_NAME = 64

/** Reads a path template. A segment that is only in part a variable becomes one; what is never part of a path is left out. */
export function readPathTemplate(template: string): PathTemplate {
  const changes = new Set<PathChange>()
  const variables = new Map<string, string>()
  const plain = template.replace(/[?#].*$/s, '')
  const squeezed = plain.replace(/\/{2,}/g, '/')
  if (squeezed !== template) changes.add('badPath')
  const cut = squeezed.length > 1 && squeezed.endsWith('/') ? squeezed.slice(0, -1) : squeezed
  if (cut !== squeezed) changes.add('trailingSlash')
  const taken = new Set<string>()
  const nameFor = (given: string) => {
    const sound = given
      .replace(/[^A-Za-z0-9_.-]+/g, '_')
      .replace(/^(?![A-Za-z_])/, '_')
      .slice(0, MAX_NAME)
    let name = sound
    for (let i = 2; taken.has(name); i++) name = `${sound.slice(0, MAX_NAME - 4)}_${i}`
    taken.add(name)
    if (name !== given) changes.add('renamedVariable')
    return name
  }
  const segments = cut.split('/').map((segment) => {
    const [, given, rest = ''] = VARIABLE.exec(segment) ?? []
    if (given !== undefined) {
      const name = nameFor(given)
      variables.set(given, name)
      return `{${name}${rest}}`
    }
    const parts = [...segment.matchAll(/\{([^{}]*?)\+?\}/g)].map((match) => match[1] ?? '')
    if (parts.length === 0) return literal(segment, changes)
    changes.add('partialVariable')
    const name = nameFor(parts.join('-'))
    // One variable keeps its name; several are one now, which none of them describes.
    if (parts.length === 1) variables.set(parts[0] ?? '', name)
    return `{${name}}`
  })
  return { path: segments.join('/'), variables, changes }
}

/** A literal segment with every character that needs it percent-encoded, in the form in which requests are matched. */
function literal(segment: string, changes: Set<PathChange>): string {
  const encoded = segment.replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*,;=:@%]+/g, encodeURIComponent)
  const canonical = canonicalPath(`/${encoded}`)?.slice(1) ?? encoded
  if (segment === '.' || segment === '..' || canonical === '') return segment
  if (canonical !== segment) changes.add('badPath')
  return canonical
}

/** A path without the names of its variables: paths of the same shape are one for a router. */
export function shapeOf(path: string): string {
  return path.replace(/\{[^{}]*?(\+?)\}/g, '{$1}')
}
