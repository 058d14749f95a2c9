import { texts } from '../../i18n/texts.ts'
import { en } from './en.ts'

export const useT = texts(en, () => import('./ko.ts').then(({ ko }) => ko))
