import { use } from 'react'
import { useLocale } from '../i18n/index.tsx'

/** Says what a pattern wants in the reader's language. Schemas say it in English. */
type SayExpected = (english: string) => string

const asItIs: SayExpected = (english) => english
let korean: Promise<SayExpected> | undefined

/** What patterns want, in the reader's language: loaded when a form is shown. */
export function useExpected(): SayExpected {
  const { language } = useLocale()
  if (language === 'en') return asItIs
  korean ??= import('../i18n/expected-ko.ts').then(
    ({ expectedKo }) =>
      (english) =>
        expectedKo[english] ?? english,
  )
  return use(korean)
}
