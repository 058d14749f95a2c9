import type { Stage } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'

const YEAR_SECONDS = 31_536_000

/** Everything wrong with what a stage tells browsers about HTTPS. Lists that are built in take only what holds for all names, for a year. */
export function checkHsts(hsts: Stage['hsts']): Problem[] {
  if (hsts === null || !hsts.preload) return []
  return [
    ...(hsts.includeSubDomains
      ? []
      : [{ path: '/hsts/includeSubDomains', message: 'Preloading needs it: set it, or leave "preload" out.' }]),
    ...(hsts.maxAgeSeconds >= YEAR_SECONDS
      ? []
      : [
          {
            path: '/hsts/maxAgeSeconds',
            message: `Preloading needs a year, ${YEAR_SECONDS} or more: raise it, or leave "preload" out.`,
          },
        ]),
  ]
}
