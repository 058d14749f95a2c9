import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'

const policiesRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'policies',
  component: lazyRouteComponent(() => import('../features/policies/policy-list.tsx'), 'PolicyList'),
})

const policyRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'policies/$policy',
  validateSearch: texts('q', 'page'),
  component: lazyRouteComponent(() => import('../features/policies/policy-page.tsx'), 'PolicyPage'),
})

/** The restriction policies of a service, and each of them. */
export const policyRoutes = [policiesRoute, policyRoute]
