import { useQuery } from '@tanstack/react-query'
import type { Versioned } from '../../api/client.ts'
import type { CanaryWithSides } from '../../api/model.ts'
import { changesQuery } from '../stage/queries.ts'
import { canaryQuery } from './queries.ts'

/** The canary of a stage, with what both sides have done; null where none runs, undefined where that is not known yet. */
export function useCanary(service: string, stage: string): Versioned<CanaryWithSides> | null | undefined {
  const { data: changes } = useQuery(changesQuery(service, stage))
  const isRunning = changes !== undefined && changes.canary !== null
  const { data: canary } = useQuery({ ...canaryQuery(service, stage), enabled: isRunning })
  if (changes === undefined) return undefined
  return isRunning ? canary : null
}
