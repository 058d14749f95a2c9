import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'

/** One service, by its name: what is below has its tabs around it. */
export const serviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services/$service',
  component: lazyRouteComponent(() => import('../features/service/service-layout.tsx'), 'ServiceLayout'),
})
