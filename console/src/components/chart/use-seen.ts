import { type RefCallback, startTransition, useCallback, useState } from 'react'

/** What will be seen when somebody scrolls on is drawn already. */
const NEAR = '200px'

/** Whether an element has been in sight, or nearly; all of them are on paper. Gives what the element takes as its `ref`. */
export function useSeen(): readonly [RefCallback<Element>, boolean] {
  const [isSeen, setSeen] = useState(false)
  const ref = useCallback((element: Element) => {
    const note = () => startTransition(() => setSeen(true))
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) note()
      },
      { rootMargin: NEAR },
    )
    observer.observe(element)
    window.addEventListener('beforeprint', note)
    return () => {
      observer.disconnect()
      window.removeEventListener('beforeprint', note)
    }
  }, [])
  return [ref, isSeen]
}
