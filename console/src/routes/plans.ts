import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'

/** Usage plans: all, and one. */
export const planRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/plans',
    component: lazyRouteComponent(() => import('../features/plans/plan-list.tsx'), 'PlanList'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/plans/$plan',
    component: lazyRouteComponent(() => import('../features/plans/plan-page.tsx'), 'PlanPage'),
  }),
] as const
