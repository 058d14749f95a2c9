import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'

/** The draft of a service: what is chosen in its tree, the part of it that is shown, the stage, and what is looked for. */
const designRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'design',
  validateSearch: texts('node', 'method', 'part', 'stage', 'q'),
  component: lazyRouteComponent(() => import('../features/design/design-page.tsx'), 'DesignPage'),
})

/** A service is its design first of all. */
const serviceHomeRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/services/$service/design', params, replace: true })
  },
})

/** What belongs to the design of a service. */
export const designRoutes = [serviceHomeRoute, designRoute]
