import { texts } from '../../i18n/texts.ts'
import { en } from './settings-en.ts'

/** Says what the settings of a service say. */
export const useT = texts(en, () => import('./settings-ko.ts').then(({ ko }) => ko))
