import { useSyncExternalStore } from 'react'

/** Whether somebody is logged in, as far as this page knows. A session that ends shows the login over what is there, so that nothing typed is lost. */

let hasEnded = false
const listeners = new Set<() => void>()

function set(value: boolean): void {
  if (hasEnded === value) return
  hasEnded = value
  for (const listener of listeners) listener()
}

/** Notes that the server does not know us any more. */
export const endSession = (): void => set(true)

/** Notes that somebody has logged in. */
export const beginSession = (): void => set(false)

/** Whether the session has ended while the page was open. */
export function useHasSessionEnded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => hasEnded,
  )
}
