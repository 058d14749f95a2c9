import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'
import { texts } from './search.ts'

export const servicesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('../features/services/service-list.tsx'), 'ServiceList'),
})
