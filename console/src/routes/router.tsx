import { createRouter } from '@tanstack/react-router'
import { homeRoute } from './home.ts'
import { modelRoutes } from './models.ts'
import { nodePluginsRoute } from './plugins.ts'
import { policyRoutes } from './policies.ts'
import { responseRoutes } from './responses.ts'
import { rootRoute } from './root.tsx'
import { serviceRoute } from './service.ts'
import { servicesRoute } from './services.ts'
import { stageRoute } from './stage.ts'
import { startRoute } from './start.ts'

/** Every view and its URL, a file for each part of the console. A view is loaded when it is gone to. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    startRoute,
    servicesRoute,
    serviceRoute.addChildren([
      // what belongs to the design
      nodePluginsRoute,
      ...modelRoutes,
      ...responseRoutes,
      ...policyRoutes,
      // what belongs to a stage
      stageRoute,
    ]),
    // what belongs to all services
    // what belongs to the installation
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
