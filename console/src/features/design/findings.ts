import type { Finding } from '../../api/model.ts'
import { parentOf, placeOf } from './tree-model.ts'

/** Findings of the linter, at the nodes that they concern. */

export type Severity = Finding['severity']

const RANK: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1 }

/** The worst that is said of each node, and of each path with all below it. */
export function worstByNode(findings: readonly Finding[]) {
  const at = new Map<string, Severity>()
  const within = new Map<string, Severity>()
  for (const { node, severity } of findings) {
    if (!isInTree(node)) continue
    worsen(at, node, severity)
    for (let path: string | null = placeOf(node).node; path !== null; path = parentOf(path))
      worsen(within, path, severity)
  }
  return { at, within }
}

function worsen(map: Map<string, Severity>, key: string, severity: Severity): void {
  const known = map.get(key)
  if (known === undefined || RANK[known] < RANK[severity]) map.set(key, severity)
}

/** Whether a finding is about a path or a method: else about a model, a gateway response or the stage. */
export const isInTree = (node: string): boolean => /^(?:[A-Z]+ )?\//.test(node)

/** How many there are of each kind. */
export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of findings) counts[severity] += 1
  return counts
}
