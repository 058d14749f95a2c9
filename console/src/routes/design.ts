import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'

/** The draft of a service: what is chosen in its tree, the part of it that is shown, the stage, what is looked for, and an open plugin. */
const designRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'design',
  validateSearch: texts('node', 'method', 'part', 'stage', 'q', 'plugin', 'as'),
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

const importRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'import',
  component: lazyRouteComponent(() => import('../features/import/import-page.tsx'), 'ImportPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'settings',
  component: lazyRouteComponent(() => import('../features/service/settings-page.tsx'), 'ServiceSettings'),
})

/** A new service from a document. It lies beside the services: one of them may be called "import". */
export const newFromDocumentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/import',
  component: lazyRouteComponent(() => import('../features/import/import-page.tsx'), 'NewServiceFromDocument'),
})

/** What belongs to the design of a service. */
export const designRoutes = [serviceHomeRoute, designRoute, importRoute, settingsRoute]
