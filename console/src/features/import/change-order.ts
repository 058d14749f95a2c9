import type { ImportChange } from '../../api/model.ts'

/** Changes as they stand in a tree: each path with its methods behind it, then what else there is. */
export function inTreeOrder(changes: readonly ImportChange[]): ImportChange[] {
  return changes.toSorted(
    (a, b) =>
      groupOf(a) - groupOf(b) || compare(pathOf(a), pathOf(b)) || compare(a.kind === 'path' ? '' : a.name, b.name),
  )
}

const GROUPS = ['path', 'method', 'model', 'gateway-response']

/** Paths and methods are one group. */
const groupOf = ({ kind }: ImportChange) => Math.max(GROUPS.indexOf(kind), 1)

const pathOf = ({ kind, name }: ImportChange) => (kind === 'method' ? name.slice(name.indexOf(' ') + 1) : name)

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
