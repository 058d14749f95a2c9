import { useMemo } from 'react'
import { useLocale } from './index.tsx'
import { type Units, unitsOf } from './units.ts'

/** Numbers and moments in the reader's language. */
export function useUnits(): Units {
  const { language } = useLocale()
  return useMemo(() => unitsOf(language), [language])
}
