import { createRootRoute } from '@tanstack/react-router'
import { NotFound, PageFailed } from '../components/faces.tsx'
import { Shell } from '../components/shell.tsx'

/** What is around every view. */
export const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => (
    <PageFailed error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
  ),
})
