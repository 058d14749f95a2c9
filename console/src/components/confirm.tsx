import { type ReactNode, useSyncExternalStore } from 'react'

/** Questions before something is destroyed, asked from anywhere: one at a time, over the page. */

interface Question {
  readonly title: string
  /** What will happen, and whether it can be undone. */
  readonly children?: ReactNode
  /** What the button says that does it; left out where there is only something to be told: why it cannot be done. */
  readonly action?: string
  readonly onConfirm?: () => void
  /** Whatever the answer is. */
  readonly onClose?: () => void
}

interface Asked {
  /** Stays while its dialog goes away. */
  readonly question: Question | null
  readonly isOpen: boolean
}

let asked: Asked = { question: null, isOpen: false }
const listeners = new Set<() => void>()

function set(next: Asked): void {
  asked = next
  for (const listener of listeners) listener()
}

/** Once what asks is over: else the press of Escape that would close a dialog was the answer, too. */
const ask = (question: Question): void => void setTimeout(() => set({ question, isOpen: true }))

/** Asks before something is destroyed. */
export const useConfirm = (): ((question: Question) => void) => ask

/** Ends the question, and does what it was about where that is wanted. */
export function answerQuestion(isYes: boolean): void {
  const { question, isOpen } = asked
  set({ question, isOpen: false })
  if (!isOpen) return
  if (isYes) question?.onConfirm?.()
  question?.onClose?.()
}

/** The question that is open. */
export function useQuestion(): Asked {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => asked,
  )
}
