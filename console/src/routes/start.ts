import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'
import { texts } from './search.ts'

/** From nothing to an answer. Once there is an API, the URL says which. */
export const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/start',
  validateSearch: texts('service', 'stage', 'from', 'step'),
  component: lazyRouteComponent(() => import('../features/start/guided-start.tsx'), 'GuidedStart'),
})
