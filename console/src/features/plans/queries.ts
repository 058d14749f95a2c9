import { queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'

/** All plans by name, or those that are connected to the stage of an id. */
export const plansQuery = (stageId?: string) =>
  queryOptions({
    queryKey: ['plans', 'list', { stageId }],
    queryFn: () => answer(api.GET('/api/v1/plans', { params: { query: stageId === undefined ? {} : { stageId } } })),
  })

export const readPlan = (planId: string) =>
  versioned(api.GET('/api/v1/plans/{planId}', { params: { path: { planId } } }))

/** One plan, with its ETag. */
export const planQuery = (planId: string) =>
  queryOptions({ queryKey: ['plans', planId], queryFn: () => readPlan(planId) })

/** The stages that a plan is connected to, with how many keys are subscribed there. */
export const planStagesQuery = (planId: string) =>
  queryOptions({
    queryKey: ['plans', planId, 'stages'],
    queryFn: () => answer(api.GET('/api/v1/plans/{planId}/stages', { params: { path: { planId } } })),
  })
