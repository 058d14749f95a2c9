import { useEffect } from 'react'

/** What the window is called while a view is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Turnpike`
  }, [title])
}
