import { nearest } from '../../lib/nearest.ts'
import type { Report } from './notes.ts'
import { type Fields, isRecord, type Place, type SourceDocument } from './source.ts'

/** Follows references inside a document. */
export class References {
  private readonly source: SourceDocument
  private readonly report: Report

  constructor(source: SourceDocument, report: Report) {
    this.source = source
    this.report = report
  }

  /**
   * The object at a place, with references followed. In 3.1 `summary` and `description` beside a `$ref` are laid over what
   * it leads to. Null where there is no object, which is a problem of the document.
   */
  resolve(given: unknown, place: Place, what: string): { readonly value: Fields; readonly place: Place } | null {
    let value = given
    let at = place
    let beside: Fields = {}
    const seen = new Set<string>()
    while (isRecord(value) && typeof value.$ref === 'string') {
      const { $ref: reference, ...others } = value
      const fault = seen.has(reference) ? 'leads back to itself' : this.faultOf(reference)
      if (fault !== null) {
        this.report.problem(at, `the reference "${reference}" ${fault}.`)
        return null
      }
      seen.add(reference)
      if (this.source.version === '3.1') beside = { ...pick(others, ['summary', 'description']), ...beside }
      at = keysOf(reference)
      value = this.lookUp(at)
    }
    if (isRecord(value)) return { value: { ...value, ...beside }, place: at }
    this.report.problem(at, `${what} must be an object.`)
    return null
  }

  /** Why a reference cannot be followed; null if it can. */
  faultOf(reference: string): string | null {
    if (!reference.startsWith('#'))
      return 'leads out of the document: put everything into one file first, with a bundler'
    const keys = keysOf(reference)
    if (this.lookUp(keys) !== undefined) return null
    const siblings = this.lookUp(keys.slice(0, -1))
    const similar = isRecord(siblings) ? nearest(keys.at(-1) ?? '', Object.keys(siblings)) : undefined
    return `leads nowhere${similar === undefined ? '' : ` (did you mean "${similar}"?)`}`
  }

  /** What stands at a place; undefined for nothing. */
  lookUp(place: Place): unknown {
    return place.reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)]
      return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    }, this.source.value)
  }
}

/** The keys that a reference `#/a/b` names. */
export function keysOf(reference: string): string[] {
  return reference.slice(2).split('/').map(decodeKey)
}

function decodeKey(key: string): string {
  let decoded = key
  try {
    decoded = decodeURIComponent(key)
  } catch {
    // Not percent-encoded after all: the key is meant as it stands.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~')
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))
}
