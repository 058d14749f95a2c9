import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'
import { stageRoute } from './stage.ts'

/** The stages of a service, and what belongs to each: what differs, settings, history, trying it, its API document. */

export const stagesRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'stages',
  component: lazyRouteComponent(() => import('../features/stage/stage-list.tsx'), 'StageList'),
})

const indexRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/services/$service/stages/$stage/changes', params, replace: true })
  },
})

const changesRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'changes',
  component: lazyRouteComponent(() => import('../features/stage/changes-page.tsx'), 'ChangesPage'),
})

const backendsRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'backends',
  component: lazyRouteComponent(() => import('../features/stage/backends-page.tsx'), 'BackendsPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'settings',
  // A plugin of the stage that is open.
  validateSearch: texts('plugin', 'as'),
  component: lazyRouteComponent(() => import('../features/stage/settings-page.tsx'), 'StageSettingsPage'),
})

const historyRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'history',
  component: lazyRouteComponent(() => import('../features/deployments/history-page.tsx'), 'HistoryPage'),
})

const compareRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'compare',
  validateSearch: texts('from', 'to'),
  component: lazyRouteComponent(() => import('../features/deployments/compare-page.tsx'), 'ComparePage'),
})

const tryRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'try',
  validateSearch: texts('pattern', 'method', 'target', 'headers', 'body', 'against', 'dry', 'call'),
  component: lazyRouteComponent(() => import('../features/try/try-page.tsx'), 'TryPage'),
})

const documentRoute = createRoute({
  getParentRoute: () => stageRoute,
  path: 'document',
  component: lazyRouteComponent(() => import('../features/document/document-page.tsx'), 'DocumentPage'),
})

/** What is below a stage. */
export const stageParts = [
  indexRoute,
  changesRoute,
  backendsRoute,
  settingsRoute,
  historyRoute,
  compareRoute,
  tryRoute,
  documentRoute,
] as const
