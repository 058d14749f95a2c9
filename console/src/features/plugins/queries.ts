import { queryOptions } from '@tanstack/react-query'
import { ApiProblem, answer, api, ifMatch, versioned } from '../../api/client.ts'
import type { NodePlugin, Stage } from '../../api/model.ts'
import { savePart } from '../../api/save-part.ts'
import {
  listsOnStage,
  type NodeRef,
  type Overlaid,
  type OwnList,
  problemsOf,
  type Said,
  type Spot,
  saidOf,
  stageWith,
  withSaid,
} from './node.ts'

/** Every plugin that there is, with its schema. It does not change while the program runs. */
export const pluginsQuery = queryOptions({
  queryKey: ['plugins'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => answer(api.GET('/api/v1/plugins')),
})

/** A node with what it says of plugins, and the ETag by which that is changed. */
export interface OwnPlugins {
  readonly spot: Spot
  readonly lists: readonly OwnList[]
  /** The stage whose overlay it is; null for the draft. */
  readonly stage: Overlaid | null
  readonly etag: string
}

const keyOf = ({ service, resourceId, methodId, stage }: NodeRef) => [
  'services',
  service,
  'plugins-of',
  { resourceId, methodId, stage },
]

/** What a node itself says of plugins. */
export const ownPluginsQuery = (node: NodeRef) =>
  queryOptions({ queryKey: [...keyOf(node), 'own'], queryFn: () => readOwnPlugins(node) })

export async function readOwnPlugins(node: NodeRef): Promise<OwnPlugins> {
  const { service: serviceId, resourceId, methodId, stage: stageId } = node
  const resource = await versioned(
    api.GET('/api/v1/services/{serviceId}/resources/{resourceId}', { params: { path: { serviceId, resourceId } } }),
  )
  const method = resource.value.methods.find(({ id }) => id === methodId)
  const spot = { path: resource.value.path, verb: method?.verb ?? null }
  if (stageId === undefined) {
    const { plugins } = method ?? resource.value
    return { spot, lists: [{ pointer: '/plugins', plugins }], stage: null, etag: resource.etag }
  }
  const stage = await versioned(
    api.GET('/api/v1/services/{serviceId}/stages/{stageId}', { params: { path: { serviceId, stageId } } }),
  )
  return { spot, lists: listsOnStage(stage.value, spot), stage: stage.value, etag: stage.etag }
}

/** What runs for a node, in running order, with where each comes from. */
export const effectiveQuery = (node: NodeRef) =>
  queryOptions({
    queryKey: [...keyOf(node), 'effective'],
    queryFn() {
      const { service: serviceId, resourceId, methodId, stage } = node
      const query = stage === undefined ? {} : { stage }
      return methodId === undefined
        ? answer(
            api.GET('/api/v1/services/{serviceId}/resources/{resourceId}/effective', {
              params: { path: { serviceId, resourceId }, query },
            }),
          )
        : answer(
            api.GET('/api/v1/services/{serviceId}/methods/{methodId}/effective', {
              params: { path: { serviceId, methodId }, query },
            }),
          )
    },
  })

/**
 * Says something of a plugin at a node; null for nothing any more. `before` is what was there when the editing began: where that is
 * not there any more, it throws `ChangedMeanwhile`.
 */
export async function saveSaid(
  node: NodeRef,
  plugin: string,
  before: Said | undefined,
  said: Said | null,
): Promise<void> {
  let own: OwnPlugins | undefined
  const read = async () => {
    own = await readOwnPlugins(node)
    return { value: saidOf(own.lists, plugin), etag: own.etag }
  }
  await savePart(read, before, async () => {
    const list = own?.lists.find(({ plugins }) => plugins.some((one) => one.plugin === plugin)) ?? own?.lists[0]
    if (own === undefined || list === undefined) return
    const changed = withSaid(list.plugins, plugin, said)
    try {
      await saveList(node, own, list.pointer, changed)
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      const place = changed.findIndex((one) => one.plugin === plugin)
      throw atPlugin(error, list.pointer, place)
    }
  })
}

/** A refusal whose problems with one plugin are told from that plugin on, as its form has them. */
function atPlugin({ status, code, message, errors }: ApiProblem, pointer: string, place: number): ApiProblem {
  const own = problemsOf(errors, pointer, place)
  const others = errors.filter(({ path }) => problemsOf([{ path }], pointer, place).length === 0)
  return new ApiProblem(status, { code, detail: message, errors: [...own, ...others] })
}

/** Sets one of the lists of a node, if nobody has changed anything there since it was read. */
async function saveList(
  { service: serviceId, resourceId, methodId, stage: stageId }: NodeRef,
  own: OwnPlugins,
  pointer: string,
  changed: readonly Said[],
): Promise<void> {
  // The server judges what is in it.
  const plugins = changed as NodePlugin[]
  const headers = ifMatch(own.etag)
  if (own.stage !== null && stageId !== undefined) {
    const path = { serviceId, stageId }
    // Of what was read, only plugins are others.
    const body = stageWith(own.stage, own.spot, pointer, plugins) as Partial<Pick<Stage, 'plugins' | 'overlay'>>
    await answer(api.PATCH('/api/v1/services/{serviceId}/stages/{stageId}', { params: { path }, body, ...headers }))
  } else if (methodId === undefined) {
    const path = { serviceId, resourceId }
    await answer(
      api.PATCH('/api/v1/services/{serviceId}/resources/{resourceId}', {
        params: { path },
        body: { plugins },
        ...headers,
      }),
    )
  } else {
    const path = { serviceId, methodId }
    await answer(
      api.PATCH('/api/v1/services/{serviceId}/methods/{methodId}', { params: { path }, body: { plugins }, ...headers }),
    )
  }
}
