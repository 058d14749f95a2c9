import type { Plan } from '../../api/model.ts'
import { useUnits } from '../../i18n/use-units.ts'
import { useT } from './texts.ts'

/** What a plan allows, in words. */
export function usePlanWords() {
  const t = useT()
  const units = useUnits()
  return {
    rate({ requestsPerSecond, burst }: Pick<Plan, 'requestsPerSecond' | 'burst'>): string {
      if (requestsPerSecond === null) return t('noLimit')
      if (burst === null) return t('perSecond', { count: units.count(requestsPerSecond) })
      return t('perSecondBurst', { count: units.count(requestsPerSecond), burst: units.count(burst) })
    },
    quota: ({ quota }: Pick<Plan, 'quota'>): string =>
      quota === null ? t('noLimit') : t(`per.${quota.per}`, { count: units.count(quota.requests) }),
  }
}
