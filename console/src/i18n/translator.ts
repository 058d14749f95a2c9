import { withParticles } from './particles.ts'

/**
 * Fills `{name}` in a text. `{name|one|other}` is one of the forms, by the number that the name stands for: as many as the language
 * has, in the order zero, one, two, few, many, other. English has two; Korean has one, and needs none of this.
 */
export type Translate<Key extends string> = (key: Key, values?: Readonly<Record<string, string | number>>) => string

const BLANK = /\{(\w+)(?:\|([^{}]*))?\}/g
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'] as const

/** What says the texts of a language. */
export function translator<Key extends string>(
  messages: Readonly<Record<Key, string>>,
  language: string,
): Translate<Key> {
  const rules = new Intl.PluralRules(language)
  const { pluralCategories } = rules.resolvedOptions()
  const categories = CATEGORIES.filter((category) => pluralCategories.includes(category))
  const formOf = (value: string | number, forms: string): string => {
    // A number that is written with separators is none of the few that have forms of their own.
    const place = categories.indexOf(rules.select(Number(value)))
    return forms.split('|')[place] ?? forms
  }
  const finish = language === 'ko' ? withParticles : (text: string) => text
  return (key, values = {}) => {
    const filled = messages[key].replaceAll(BLANK, (whole, name: string, forms: string | undefined) => {
      const value = values[name]
      if (value === undefined) return whole
      return forms === undefined ? String(value) : formOf(value, forms)
    })
    return finish(filled)
  }
}
