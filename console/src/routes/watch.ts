import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'
import { stageRoute } from './stage.ts'

const dashboardSearch = texts('from', 'to', 'compare', 'route', 'key', 'plan', 'deployment', 'side', 'by', 'sort')

/** How a stage is called, and how it answers. */
export const dashboardRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'dashboard',
  validateSearch: dashboardSearch,
  component: lazyRouteComponent(() => import('../features/dashboard/dashboard.tsx'), 'StageDashboard'),
})

/** The same of all stages of a service. */
export const serviceDashboardRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'dashboard',
  validateSearch: dashboardSearch,
  component: lazyRouteComponent(() => import('../features/dashboard/dashboard.tsx'), 'ServiceDashboard'),
})

/** The last requests of a stage; `request` is the one that is looked at. */
export const logsRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'logs',
  validateSearch: texts(
    'status',
    'method',
    'path',
    'route',
    'consumer',
    'client',
    'minMs',
    'error',
    'follow',
    'request',
  ),
  component: lazyRouteComponent(() => import('../features/logs/logs.tsx'), 'Logs'),
})

/** The alert rules of a stage; `rule` is the one that is edited, `add` asks for a new one. */
export const stageAlertsRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'alerts',
  validateSearch: texts('rule', 'add'),
  component: lazyRouteComponent(() => import('../features/alerts/stage-alerts.tsx'), 'StageAlerts'),
})

/** The alert rules of all stages: those that are not well, or `show=all`. */
export const alertsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts',
  validateSearch: texts('show'),
  component: lazyRouteComponent(() => import('../features/alerts/all-alerts.tsx'), 'AllAlerts'),
})
