import { useLocale } from './index.tsx'
import { type Units, unitsOf } from './units.ts'

/** By language: what writes numbers is dear to make, and the same for everybody on the page. */
const known = new Map<string, Units>()

/** Numbers and moments in the reader's language. */
export function useUnits(): Units {
  const { language } = useLocale()
  const units = known.get(language) ?? unitsOf(language)
  known.set(language, units)
  return units
}
