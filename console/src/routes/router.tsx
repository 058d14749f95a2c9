import { createRouter } from '@tanstack/react-router'
import { accessRoutes } from './access.ts'
import { designRoutes, newFromDocumentRoute } from './design.ts'
import { homeRoute } from './home.ts'
import { keyRoutes } from './keys.ts'
import { modelRoutes } from './models.ts'
import { planRoutes } from './plans.ts'
import { nodePluginsRoute } from './plugins.ts'
import { policyRoutes } from './policies.ts'
import { responseRoutes } from './responses.ts'
import { rootRoute } from './root.tsx'
import { parseSearch, stringifySearch } from './search.ts'
import { serviceRoute } from './service.ts'
import { servicesRoute } from './services.ts'
import { stageRoute } from './stage.ts'
import { stageParts, stagesRoute } from './stages.ts'
import { startRoute } from './start.ts'
import { alertsRoute, dashboardRoute, logsRoute, serviceDashboardRoute, stageAlertsRoute } from './watch.ts'

/** Every view and its URL, a file for each part of the console. A view is loaded when it is gone to. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    startRoute,
    servicesRoute,
    serviceRoute.addChildren([
      // what belongs to the design
      ...designRoutes,
      nodePluginsRoute,
      ...modelRoutes,
      ...responseRoutes,
      ...policyRoutes,
      serviceDashboardRoute,
      // what belongs to a stage
      stagesRoute,
      stageRoute.addChildren([...stageParts, dashboardRoute, logsRoute, stageAlertsRoute]),
    ]),
    // what belongs to all services
    newFromDocumentRoute,
    alertsRoute,
    ...keyRoutes,
    ...planRoutes,
    // what belongs to the installation
    ...accessRoutes,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
