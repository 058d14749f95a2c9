import { canonicalJson } from './canonical-json.ts'

/** Something that two documents say differently. */
export interface MergeConflict {
  readonly path: readonly string[]
  /** The places of the two in the list of documents. */
  readonly documents: readonly [number, number]
}

/** Who has said a value; objects are of all who have said something of them. */
interface Said {
  readonly value: unknown
  readonly by: number
}

/** Documents as one: their objects are united, key by key; anything else may be said once, or the same each time. */
export function mergeDocuments(documents: readonly unknown[]): { value: unknown; conflicts: MergeConflict[] } {
  const conflicts: MergeConflict[] = []
  const merge = (said: readonly Said[], path: readonly string[]): unknown => {
    const [first, ...others] = said
    if (first === undefined || others.length === 0) return first?.value
    if (said.every(({ value }) => isObject(value))) {
      const members = said.flatMap(({ value, by }) =>
        Object.entries(value as object).map(([key, member]) => ({ key, said: { value: member as unknown, by } })),
      )
      const byKey = Map.groupBy(members, ({ key }) => key)
      return Object.fromEntries(
        [...byKey].map(([key, all]) => [
          key,
          merge(
            all.map((one) => one.said),
            [...path, key],
          ),
        ]),
      )
    }
    const text = canonicalJson(first.value)
    const other = others.find(({ value }) => canonicalJson(value) !== text)
    if (other !== undefined) conflicts.push({ path, documents: [first.by, other.by] })
    return first.value
  }
  const value = merge(
    documents.map((document, by) => ({ value: document, by })),
    [],
  )
  return { value, conflicts }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
