/**
 * Whether two JSON values are the same: whether their canonical texts (`canonical-json.ts`) are equal, without making them.
 * Properties that are undefined count as left out.
 */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameItems(a, b)
  return sameMembers(a as Members, b as Members)
}

type Members = Readonly<Record<string, unknown>>

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
}

function sameMembers(a: Members, b: Members): boolean {
  const [own, others] = [definedKeys(a), definedKeys(b)]
  return own.length === others.length && own.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}

function definedKeys(members: Members): string[] {
  return Object.keys(members).filter((key) => members[key] !== undefined)
}
