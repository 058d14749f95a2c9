import { type RefCallback, startTransition, useCallback, useState } from 'react'

/** Whether an element has been in sight; all of them are on paper. Gives what the element takes as its `ref`. */
export function useSeen(): readonly [RefCallback<Element>, boolean] {
  const [isSeen, setSeen] = useState(false)
  const ref = useCallback((element: Element) => {
    const note = () => startTransition(() => setSeen(true))
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) note()
    })
    observer.observe(element)
    window.addEventListener('beforeprint', note)
    return () => {
      observer.disconnect()
      window.removeEventListener('beforeprint', note)
    }
  }, [])
  return [ref, isSeen]
}
