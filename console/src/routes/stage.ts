import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { serviceRoute } from './service.ts'

/** One stage of a service, by their names: what is below has its tabs around it. */
export const stageRoute = createRoute({
  getParentRoute: () => serviceRoute,
  path: 'stages/$stage',
  component: lazyRouteComponent(() => import('../features/stage/stage-layout.tsx'), 'StageLayout'),
})
