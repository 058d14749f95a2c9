import { useSyncExternalStore } from 'react'

/** Whether somebody is logged in, as far as this page knows. A session that ends shows the login over what is there, so that nothing typed is lost. */

let hasEnded = false
/** How often somebody has logged in since the page was opened. */
let logins = 0
const listeners = new Set<() => void>()

function set(value: boolean): void {
  if (hasEnded === value) return
  hasEnded = value
  for (const listener of listeners) listener()
}

/** Which session it is: the next login makes it another one. */
export const currentSession = (): number => logins

/** Notes that the server does not know us any more. What it has said of a session of before says nothing of this one. */
export function endSession(session: number): void {
  if (session === logins) set(true)
}

/** Notes that somebody has logged in. */
export function beginSession(): void {
  logins++
  set(false)
}

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
