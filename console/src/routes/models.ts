import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'

const modelsRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'models',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('../features/models/model-list.tsx'), 'ModelList'),
})

const modelRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'models/$model',
  component: lazyRouteComponent(() => import('../features/models/model-page.tsx'), 'ModelPage'),
})

/** The models of a service, and each of them. */
export const modelRoutes = [modelsRoute, modelRoute]
