import { useSyncExternalStore } from 'react'
import type { Tree, TreeNode } from './tree-model.ts'

/** Which paths are open, for as long as the page is loaded: coming back to a design finds it as it was left. */

/** A design of so many rows is shown whole at first; of a larger one, the upper levels. */
const SMALL = 300
const OPEN_LEVELS = 1

type Chosen = ReadonlyMap<string, boolean>

const none: Chosen = new Map()
const kept = new Map<string, Chosen>()
const listeners = new Set<() => void>()

function choose(service: string, chosen: Chosen): void {
  kept.set(service, chosen)
  for (const listener of listeners) listener()
}

/** The paths of a service that somebody has opened or closed, and how to do so. */
export function useOpenNodes(service: string, { byPath, methods }: Tree) {
  const chosen = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => kept.get(service) ?? none,
  )
  const isSmall = byPath.size + methods <= SMALL
  return {
    chosen,
    isOpen: ({ path, level }: TreeNode) => chosen.get(path) ?? (isSmall || level <= OPEN_LEVELS),
    setOpen: (path: string, isOpen: boolean) => choose(service, new Map(chosen).set(path, isOpen)),
    setAll: (isOpen: boolean) =>
      choose(service, new Map([...byPath.keys()].map((path) => [path, isOpen || path === '/']))),
    /** Opens all above a node, so that it can be seen; and itself, where it is a method of it that is to be seen. */
    reveal(node: TreeNode, isMethod: boolean) {
      const opened = new Map(kept.get(service))
      if (isMethod) opened.set(node.path, true)
      for (let above = node.parent; above !== null; above = above.parent) opened.set(above.path, true)
      choose(service, opened)
    },
  }
}
