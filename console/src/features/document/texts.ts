import { texts } from '../../i18n/texts.ts'
import { en } from './en.ts'

/** Says the texts of API documents. */
export const useDocumentT = texts(en, () => import('./ko.ts').then(({ ko }) => ko))
