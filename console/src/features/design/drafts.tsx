import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react'
import { useUnsaved } from '../../components/unsaved.tsx'
import { isSame } from './same.ts'
import type { Draft } from './write-over.ts'

/**
 * What has been typed and not saved yet, of every node of a design: one can look at another node and come back. What is
 * kept is what one began with and the fields that one has changed.
 */

class Drafts {
  private readonly kept = new Map<string, Draft>()
  private readonly listeners = new Set<() => void>()
  private keys: ReadonlySet<string> = new Set()

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly changed = (): ReadonlySet<string> => this.keys

  get(key: string): Draft | undefined {
    return this.kept.get(key)
  }

  set(key: string, draft: Draft | null): void {
    const had = this.kept.has(key)
    if (draft === null) this.kept.delete(key)
    else this.kept.set(key, draft)
    if (had !== this.kept.has(key)) this.keys = new Set(this.kept.keys())
    for (const listener of this.listeners) listener()
  }
}

const DraftsContext = createContext<Drafts | null>(null)

/** Keeps drafts, and asks before the page is left with some. */
export function DraftsProvider({ children }: { readonly children: ReactNode }) {
  const [drafts] = useState(() => new Drafts())
  return (
    <DraftsContext value={drafts}>
      <Guard />
      {children}
    </DraftsContext>
  )
}

function Guard() {
  useUnsaved(useChangedNodes().size > 0)
  return null
}

function useDrafts(): Drafts {
  const drafts = useContext(DraftsContext)
  if (drafts === null) throw new Error('there is no DraftsProvider around this')
  return drafts
}

/** The ids of the nodes that have something unsaved. */
export function useChangedNodes(): ReadonlySet<string> {
  const drafts = useDrafts()
  return useSyncExternalStore(drafts.subscribe, drafts.changed)
}

/** A value as somebody is editing it. `current` is what is on the server, as far as is known. */
export function useDraft<T extends object>(key: string, current: T) {
  const drafts = useDrafts()
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(key))
  return {
    value: { ...current, ...draft?.changes } as T,
    draft,
    change(changes: Partial<T>) {
      const now = drafts.get(key)
      const base: Draft['base'] = now?.base ?? Object.fromEntries(Object.entries(current))
      const all = Object.entries({ ...now?.changes, ...changes })
      // What is as it was at first is not a change.
      const left = all.filter(([field, value]) => !isSame(value, base[field]))
      drafts.set(key, left.length === 0 ? null : { base, changes: Object.fromEntries(left) })
    },
    drop: () => drafts.set(key, null),
    /** Forgets what has been saved; what was typed meanwhile stays. */
    settle(saved: Readonly<Record<string, unknown>>) {
      const now = drafts.get(key)
      if (now === undefined) return
      const left = Object.entries(now.changes).filter(([field, value]) => !isSame(value, saved[field]))
      drafts.set(key, left.length === 0 ? null : { base: { ...now.base, ...saved }, changes: Object.fromEntries(left) })
    },
  }
}
