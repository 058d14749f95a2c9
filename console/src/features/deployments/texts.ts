import { texts } from '../../i18n/texts.ts'
import { en } from './en.ts'

/** Says the texts of deployments. */
export const useDeploymentsT = texts(en, () => import('./ko.ts').then(({ ko }) => ko))
