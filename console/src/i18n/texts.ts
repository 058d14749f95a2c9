import { use } from 'react'
import { type Translate, useLocale } from './index.tsx'
import { translator } from './translator.ts'

/**
 * The texts of one feature, loaded with it: English, which is the measure, and how to get the other languages. Gives the hook that
 * says them. `const useT = texts(en, () => import('./ko.ts').then(({ ko }) => ko))`.
 */
export function texts<Key extends string>(
  english: Readonly<Record<Key, string>>,
  loadKorean: () => Promise<Readonly<Record<Key, string>>>,
): () => Translate<Key> {
  const inEnglish = translator(english, 'en')
  let korean: Promise<Translate<Key>> | undefined
  return function useTexts() {
    const { language } = useLocale()
    if (language === 'en') return inEnglish
    korean ??= loadKorean().then((messages) => translator(messages, 'ko'))
    return use(korean)
  }
}
