import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { texts } from './search.ts'
import { serviceRoute } from './service.ts'

/** The plugins of one node of a service, on a page of their own; on a stage if it says which. */
export const nodePluginsRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'plugins/$resource',
  validateSearch: texts('method', 'stage', 'plugin', 'as'),
  component: lazyRouteComponent(() => import('../features/plugins/plugins-page.tsx'), 'PluginsPage'),
})
