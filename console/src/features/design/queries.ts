import { queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'
import type { Method, Resource } from '../../api/model.ts'
import { type TreePath, treeOf } from './tree-model.ts'

/** So many paths are read in a few milliseconds: the page can be used meanwhile. */
const PAGE = 500
/** A design that changes while it is read is read anew so often. */
const TRIES = 3
const SPAN = '1h'
const STATISTICS_EVERY_MS = 5_000

/** The whole tree of a service, with its ETag. Methods are read one by one when they are looked at. */
export const treeQuery = (service: string) =>
  queryOptions({
    queryKey: ['services', service, 'tree'],
    // It is compared by nobody: made anew, it is another tree.
    structuralSharing: false,
    queryFn: () => readTree(service, TRIES),
  })

async function readTree(service: string, tries: number) {
  const paths: TreePath[] = []
  let etag: string | undefined
  for (let isLast = false; !isLast; ) {
    const after = paths.at(-1)?.path ?? ''
    const page = await versioned(
      api.GET('/api/v1/services/{serviceId}/resources', {
        params: { path: { serviceId: service }, query: { after, limit: PAGE } },
      }),
    )
    // Somebody has changed it between two pages: they would not fit.
    if (etag !== undefined && etag !== page.etag && tries > 1) return readTree(service, tries - 1)
    etag = page.etag
    paths.push(...page.value.items.map(outline))
    isLast = page.value.items.length < PAGE
  }
  return { tree: treeOf(paths), etag: etag ?? '' }
}

const outline = ({ id, path, plugins, methods }: Resource & { readonly methods: readonly Method[] }): TreePath => ({
  id,
  path,
  plugins: plugins.length,
  methods: methods.map((method) => ({
    id: method.id,
    verb: method.verb,
    name: method.name,
    operationId: method.operationId,
    isDeprecated: method.deprecated,
    isMock: method.backend.kind === 'mock',
    plugins: method.plugins.length,
  })),
})

/** One method, with the ETag of its service. */
export const methodQuery = (service: string, methodId: string) =>
  queryOptions({
    queryKey: ['services', service, 'methods', methodId],
    queryFn: () =>
      versioned(
        api.GET('/api/v1/services/{serviceId}/methods/{methodId}', {
          params: { path: { serviceId: service, methodId } },
        }),
      ),
  })

/** One path, with the ETag of its service. */
export const resourceQuery = (service: string, resourceId: string) =>
  queryOptions({
    queryKey: ['services', service, 'resources', resourceId],
    queryFn: () =>
      versioned(
        api.GET('/api/v1/services/{serviceId}/resources/{resourceId}', {
          params: { path: { serviceId: service, resourceId } },
        }),
      ),
  })

/** What is wrong with the draft, or with a stage and the design that it runs. */
export const lintQuery = (service: string, stage: string | undefined) =>
  queryOptions({
    queryKey: ['services', service, 'lint', { stage }],
    queryFn: async () => {
      const { items } = await answer(
        api.GET('/api/v1/services/{serviceId}/lint', {
          params: { path: { serviceId: service }, query: stage === undefined ? {} : { stage } },
        }),
      )
      return items
    },
  })

/** The models of a service, by name. */
export const modelNamesQuery = (service: string) =>
  queryOptions({
    queryKey: ['services', service, 'models', 'names'],
    queryFn: async () => {
      const { items } = await answer(
        api.GET('/api/v1/services/{serviceId}/models', { params: { path: { serviceId: service } } }),
      )
      return items.map(({ name }) => name)
    },
  })

/** The last hour of a method on a stage. */
export const methodStatisticsQuery = (service: string, stage: string, route: string) =>
  queryOptions({
    queryKey: ['services', service, 'stages', stage, 'statistics', { route, from: SPAN }],
    refetchInterval: STATISTICS_EVERY_MS,
    queryFn: async () => {
      const { totals } = await answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/statistics', {
          params: { path: { serviceId: service, stageId: stage }, query: { route, from: SPAN } },
        }),
      )
      return totals
    },
  })
