import { createRoute, redirect } from '@tanstack/react-router'
import { rootRoute } from './root.tsx'

/** Where one begins. */
export const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/services', replace: true })
  },
})
