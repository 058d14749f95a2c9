import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ApiProblem, answer, api, versioned } from '../../api/client.ts'
import type { Deployment } from '../../api/model.ts'

const PAGE = 25
const MOST_AT_ONCE = 1_000
/** A deployment that somebody else makes, and how nodes take it up, shows after so long. */
const POLL_MS = 5_000
const SIDES_POLL_MS = 2_000

const keyOf = (service: string, stage: string) => ['services', service, 'stages', stage, 'deployments'] as const

/** A page of the history of a stage, the newest first: those with a number below `before`. */
async function read(serviceId: string, stageId: string, before: number | undefined, limit: number) {
  const query = before === undefined ? { limit } : { limit, before }
  const { items } = await answer(
    api.GET('/api/v1/services/{serviceId}/stages/{stageId}/deployments', {
      params: { path: { serviceId, stageId }, query },
    }),
  )
  return items
}

/** The history of a stage, the newest first, a page at a time. */
export const historyQuery = (service: string, stage: string) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(service, stage), 'pages'],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => read(service, stage, pageParam, PAGE),
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.number),
    refetchInterval: POLL_MS,
  })

/** All of it that there is in one answer, to choose from. */
export const deploymentsQuery = (service: string, stage: string) =>
  queryOptions({
    queryKey: [...keyOf(service, stage), 'all'],
    queryFn: () => read(service, stage, undefined, MOST_AT_ONCE),
  })

/** The deployment that is live; null where none is. */
export const liveDeploymentQuery = (service: string, stage: string, deploymentId: string | null) =>
  queryOptions({
    queryKey: [...keyOf(service, stage), 'live', deploymentId],
    // What it is never changes.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => find(service, stage, deploymentId),
  })

/** It is nearly always among the newest; after going back far it is not. */
async function find(service: string, stage: string, id: string | null): Promise<Deployment | null> {
  let limit = PAGE
  let before: number | undefined
  for (;;) {
    const page: Deployment[] = id === null ? [] : await read(service, stage, before, limit)
    const found = page.find((deployment) => deployment.id === id)
    if (found !== undefined) return found
    if (page.length < limit) return null
    before = page.at(-1)?.number
    limit = MOST_AT_ONCE
  }
}

/** One deployment, and how it stands on each node. */
export const deploymentQuery = (serviceId: string, stageId: string, number: number) =>
  queryOptions({
    queryKey: [...keyOf(serviceId, stageId), number],
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/deployments/{number}', {
          params: { path: { serviceId, stageId, number } },
        }),
      ),
    refetchInterval: POLL_MS,
  })

/** What is different between two deployments. */
export const comparisonQuery = (serviceId: string, stageId: string, from: number, to: number) =>
  queryOptions({
    queryKey: [...keyOf(serviceId, stageId), 'compare', from, to],
    // Neither of them ever changes.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/deployments/compare', {
          params: { path: { serviceId, stageId }, query: { from, to } },
        }),
      ),
  })

/** The canary of a stage, with what both sides have done; null where it has ended. Only asked for where there is one. */
export const canaryQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'canary'],
    async queryFn() {
      try {
        return await versioned(
          api.GET('/api/v1/services/{serviceId}/stages/{stageId}/canary', { params: { path: { serviceId, stageId } } }),
        )
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null
        throw error
      }
    },
    refetchInterval: SIDES_POLL_MS,
  })
