import { queryOptions } from '@tanstack/react-query'
import { ApiProblem, answer, api, versioned } from '../../api/client.ts'

/** What others change shows by itself after so long. */
const POLL_MS = 5_000
/** Where very much differs, asking again costs more than it tells. */
const LARGE = 500
const LARGE_POLL_MS = 60_000
const HEALTH_POLL_MS = 3_000

/** The stages of a service. */
export const stagesQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages'],
    queryFn: () => answer(api.GET('/api/v1/services/{serviceId}/stages', { params: { path: { serviceId } } })),
  })

/** One stage, with its ETag. */
export const stageQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId],
    queryFn: () =>
      versioned(api.GET('/api/v1/services/{serviceId}/stages/{stageId}', { params: { path: { serviceId, stageId } } })),
    refetchInterval: POLL_MS,
  })

/** What differs between draft, stage and live; `apply`: what would differ from live with the draft applied. */
export const changesQuery = (serviceId: string, stageId: string, apply = false) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'changes', { apply }],
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/changes', {
          params: { path: { serviceId, stageId }, query: { apply } },
        }),
      ),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && data.draft.length + (data.live?.length ?? 0) > LARGE ? LARGE_POLL_MS : POLL_MS,
  })

/** What is wrong with a stage, as it is or with the draft applied. */
export const lintQuery = (serviceId: string, stage: string, apply: boolean) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stage, 'lint', { apply }],
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/lint', { params: { path: { serviceId }, query: { stage, apply } } }),
      ),
  })

/** How the targets of what is live are, on each node. */
export const backendStatesQuery = (serviceId: string, stageId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'stages', stageId, 'backends'],
    queryFn: () =>
      answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/backends', { params: { path: { serviceId, stageId } } }),
      ),
    refetchInterval: HEALTH_POLL_MS,
  })

/** The root of the tree of a service: it is always the first. */
export const rootQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'resources', 'root'],
    async queryFn() {
      const { items } = await answer(
        api.GET('/api/v1/services/{serviceId}/resources', { params: { path: { serviceId }, query: { limit: 1 } } }),
      )
      const [root] = items
      if (root === undefined) throw new Error('The tree of the service has no root.')
      return root
    },
  })

/** Where clients of the APIs connect to. */
export const gatewayQuery = queryOptions({
  queryKey: ['gateway'],
  queryFn: () => answer(api.GET('/api/v1/gateway')),
  staleTime: Number.POSITIVE_INFINITY,
})

/** The schemas of the API's own document, by name: the rules for what forms edit. */
export const schemasQuery = queryOptions({
  queryKey: ['schemas'],
  async queryFn({ signal }): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch('/api/v1/openapi.json', { signal })
    if (!response.ok) throw new ApiProblem(response.status, {})
    const document: { components: { schemas: Record<string, unknown> } } = await response.json()
    return document.components.schemas
  },
  staleTime: Number.POSITIVE_INFINITY,
})
