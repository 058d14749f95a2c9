import { createContext, type ReactNode, startTransition, useContext, useEffect, useMemo, useState } from 'react'
import { type SayFault, sayFaultsBy } from '../api/client.ts'
import { en } from './en.ts'
import { type Translate as TranslateKeys, translator } from './translator.ts'

/** What the console says, in the language of its reader. English is the measure: another language that lacks a text does not compile. */

export type Messages = { readonly [Key in keyof typeof en]: string }
export type MessageKey = keyof Messages
export const languages = { en: 'English', ko: '한국어' } as const
export type Language = keyof typeof languages
export type Translate<Key extends string = MessageKey> = TranslateKeys<Key>

interface Locale {
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly t: Translate
}

const STORAGE = 'turnpike-language'
const LocaleContext = createContext<Locale | null>(null)

function preferred(): Language {
  const kept = localStorage.getItem(STORAGE)
  const wanted = [kept, ...navigator.languages].map((tag) => tag?.slice(0, 2))
  return wanted.find((tag): tag is Language => tag !== undefined && tag in languages) ?? 'en'
}

/** What the languages say that have been loaded: only the one that is read is sent. */
const loaded = new Map<Language, Messages>([['en', en]])

async function load(language: Language): Promise<void> {
  if (language === 'ko') loaded.set(language, (await import('./ko.ts')).ko)
}

/** How the language says what schemas find wrong, where that is not English. */
const faultsIn: { readonly [Name in Language]?: () => Promise<SayFault> } = {
  ko: () => import('./schema-faults-ko.ts').then(({ schemaFaultKo }) => schemaFaultKo),
}

/** Loads the reader's language, so that nothing is said in another first. */
export const loadPreferred = (): Promise<void> => load(preferred())

export function LocaleProvider({ children }: { readonly children: ReactNode }) {
  const [language, choose] = useState(preferred)
  const messages = loaded.get(language) ?? en
  useEffect(() => {
    document.documentElement.lang = language
    sayFaultsBy(faultsIn[language])
  }, [language])
  const locale = useMemo(
    () => ({
      language,
      setLanguage(next: Language) {
        localStorage.setItem(STORAGE, next)
        // What is on the page stays until the texts of the other language are there.
        startTransition(async () => {
          await load(next)
          startTransition(() => choose(next))
        })
      },
      t: translator(messages, language),
    }),
    [language, messages],
  )
  return <LocaleContext value={locale}>{children}</LocaleContext>
}

/** The language, and what is said in it. */
export function useLocale(): Locale {
  const locale = useContext(LocaleContext)
  if (locale === null) throw new Error('there is no LocaleProvider around this')
  return locale
}

/** Says things in the reader's language. */
export const useT = (): Translate => useLocale().t
