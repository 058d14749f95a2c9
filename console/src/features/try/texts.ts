import { texts } from '../../i18n/texts.ts'
import { en } from './en.ts'

/** Says the texts of trying requests. */
export const useTryT = texts(en, () => import('./ko.ts').then(({ ko }) => ko))
