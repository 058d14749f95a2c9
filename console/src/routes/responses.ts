import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { serviceRoute } from './service.ts'

const responsesRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'responses',
  component: lazyRouteComponent(() => import('../features/responses/response-list.tsx'), 'ResponseList'),
})

const responseRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'responses/$type',
  component: lazyRouteComponent(() => import('../features/responses/response-page.tsx'), 'ResponsePage'),
})

/** The gateway responses of a service, and each type of them. */
export const responseRoutes = [responsesRoute, responseRoute]
