import { texts } from '../i18n/texts.ts'
import { en } from './en.ts'

export const useFormT = texts(en, () => import('./ko.ts').then(({ ko }) => ko))
