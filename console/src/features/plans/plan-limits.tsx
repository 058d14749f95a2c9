import type { Plan } from '../../api/model.ts'
import { useLocale } from '../../i18n/index.tsx'
import { useT } from './texts.ts'

/** What a plan allows, in words. */
export function usePlanWords() {
  const t = useT()
  const { language } = useLocale()
  const count = new Intl.NumberFormat(language)
  return {
    rate({ requestsPerSecond, burst }: Pick<Plan, 'requestsPerSecond' | 'burst'>): string {
      if (requestsPerSecond === null) return t('noLimit')
      if (burst === null) return t('perSecond', { count: count.format(requestsPerSecond) })
      return t('perSecondBurst', { count: count.format(requestsPerSecond), burst: count.format(burst) })
    },
    quota: ({ quota }: Pick<Plan, 'quota'>): string =>
      quota === null ? t('noLimit') : t(`per.${quota.per}`, { count: count.format(quota.requests) }),
  }
}
