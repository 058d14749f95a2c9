import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'
import { texts } from './search.ts'

/** What belongs to the installation and who may do what in it. */
export const accessRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/people',
    validateSearch: texts('user'),
    component: lazyRouteComponent(() => import('../features/people/people.tsx'), 'People'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/tokens',
    component: lazyRouteComponent(() => import('../features/tokens/token-list.tsx'), 'TokenList'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/audit',
    validateSearch: texts('actor', 'action', 'kind', 'object', 'service', 'from', 'to', 'entry'),
    component: lazyRouteComponent(() => import('../features/audit/audit-log.tsx'), 'AuditLog'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/certificates',
    validateSearch: texts('certificate'),
    component: lazyRouteComponent(() => import('../features/certificates/certificate-list.tsx'), 'CertificateList'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/status',
    component: lazyRouteComponent(() => import('../features/status/status.tsx'), 'Status'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/account',
    component: lazyRouteComponent(() => import('../features/account/account.tsx'), 'Account'),
  }),
] as const
