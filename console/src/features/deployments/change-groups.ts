import type { Change } from '../../api/model.ts'

/** Changes as people look at them: by node, each field by its place in words. */

/** All that differs at one node. */
export interface ChangeGroup {
  readonly node: string
  readonly changes: readonly Change[]
}

/** Changes by their node, in the order in which they come. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
  return [...Map.groupBy(changes, ({ node }) => node)].map(([node, changes]) => ({ node, changes }))
}

/** A JSON Pointer as words: `/plugins/key-auth/header` is `plugins › key-auth › header`. */
export function placeOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join(' › ')
}

/** How many nodes are new, gone, or changed. */
export function countNodes(groups: readonly ChangeGroup[]): Record<Change['kind'], number> {
  const count = { added: 0, removed: 0, changed: 0 }
  for (const { changes } of groups) count[kindOfGroup(changes)]++
  return count
}

/** A node as a whole is new or gone; otherwise something about it has changed. */
export function kindOfGroup(changes: readonly Change[]): Change['kind'] {
  const [only, ...others] = changes
  return only !== undefined && others.length === 0 && only.field === '' ? only.kind : 'changed'
}

/** A value as it is read: texts as they are, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
}
