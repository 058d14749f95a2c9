import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'
import { texts } from './search.ts'

/** API keys: all, one, and many from a file. */
export const keyRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/keys',
    validateSearch: texts('q', 'plan', 'stageId', 'sort'),
    component: lazyRouteComponent(() => import('../features/keys/key-list.tsx'), 'KeyList'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/keys/import',
    component: lazyRouteComponent(() => import('../features/keys/import-keys.tsx'), 'ImportKeys'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/keys/$key',
    component: lazyRouteComponent(() => import('../features/keys/key-page.tsx'), 'KeyPage'),
  }),
] as const
