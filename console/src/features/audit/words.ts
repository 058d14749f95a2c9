import type { Translate } from '../../i18n/translator.ts'
import { en } from './en.ts'

/** The words of the log, said as people say them. What is not known here, such as that of another version, stays as it is. */

type Key = keyof typeof en

const isKey = (key: string): key is Key => Object.hasOwn(en, key)

/** What was done to what. */
export function didWhat(t: Translate<Key>, { action, kind }: { readonly action: string; readonly kind: string }) {
  const key = `did.${kind}.${action}`
  return isKey(key) ? t(key) : `${action} ${kind}`
}

/** What the log is filtered by. */
export type Filtered = 'action' | 'kind'

/** What an action or a kind is called. */
export function wordFor(t: Translate<Key>, filtered: Filtered, value: string): string {
  const key = `${filtered}.${value}`
  return isKey(key) ? t(key) : value
}

/** All that the log can be filtered by. */
export const valuesOf = (filtered: Filtered): string[] =>
  Object.keys(en).flatMap((key) => (key.startsWith(`${filtered}.`) ? key.slice(filtered.length + 1) : []))
