import { createRouter } from '@tanstack/react-router'
import { homeRoute } from './home.ts'
import { rootRoute } from './root.tsx'
import { serviceRoute } from './service.ts'
import { servicesRoute } from './services.ts'
import { stageRoute } from './stage.ts'
import { stageParts, stagesRoute } from './stages.ts'

/** Every view and its URL, a file for each part of the console. A view is loaded when it is gone to. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    servicesRoute,
    serviceRoute.addChildren([
      // what belongs to the design
      // what belongs to a stage
      stagesRoute,
      stageRoute.addChildren([...stageParts]),
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
