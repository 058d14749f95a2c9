import { createContext, type ReactNode, useContext } from 'react'
import type { Tree, TreeMethod, TreeNode } from './tree-model.ts'

/** What can be done to a node from its menu: each asks for what it needs. */
export type Task =
  | { readonly kind: 'add-path'; readonly node: TreeNode }
  | { readonly kind: 'add-method'; readonly node: TreeNode }
  | { readonly kind: 'clone'; readonly node: TreeNode }
  | { readonly kind: 'move'; readonly node: TreeNode; readonly methods: readonly TreeMethod[]; readonly to?: string }
  | { readonly kind: 'clear-overrides'; readonly node: TreeNode }
  | { readonly kind: 'delete-path'; readonly node: TreeNode }
  | { readonly kind: 'delete-method'; readonly node: TreeNode; readonly method: TreeMethod }

/** What all parts of the design page know. */
export interface DesignPageState {
  readonly service: string
  /** The stage whose overlay is shown; undefined for the draft. */
  readonly stage: string | undefined
  readonly tree: Tree
  /** The version of the service that the tree was read at. */
  readonly etag: string
  readonly mayWrite: boolean
  readonly start: (task: Task) => void
  /** Shows a node: `GET /pets`, `/pets`. */
  readonly goTo: (key: string) => void
}

const DesignContext = createContext<DesignPageState | null>(null)

export function DesignProvider({ value, children }: { readonly value: DesignPageState; readonly children: ReactNode }) {
  return <DesignContext value={value}>{children}</DesignContext>
}

export function useDesign(): DesignPageState {
  const state = useContext(DesignContext)
  if (state === null) throw new Error('there is no DesignProvider around this')
  return state
}
