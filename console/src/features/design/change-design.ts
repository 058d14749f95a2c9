import { useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, api, ifMatch } from '../../api/client.ts'
import type { Method } from '../../api/model.ts'

/** Changes of the tree itself: each is one call, or a few that belong together. */

/** Runs a change, and reads anew what it may have changed before `onDone` is told. */
export function useDesignChange<Input, Output>(
  service: string,
  run: (input: Input) => Promise<Output>,
  onDone: (output: Output) => void,
  /** For a change whose refusal is shown nowhere else. */
  onFailed?: (error: Error) => void,
) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: run,
    async onSuccess(output) {
      await queries.invalidateQueries({ queryKey: ['services', service] })
      onDone(output)
    },
    onError(error) {
      onFailed?.(error)
      // What was refused because somebody else was faster is shown as it is now.
      return queries.invalidateQueries({ queryKey: ['services', service, 'tree'] })
    },
  })
}

const at = (serviceId: string) => ({ params: { path: { serviceId } } })
const atResource = (serviceId: string, resourceId: string) => ({ params: { path: { serviceId, resourceId } } })
const atMethod = (serviceId: string, methodId: string) => ({ params: { path: { serviceId, methodId } } })

/** Makes a path, or only tries to. */
export const createPath = (service: string, path: string, dryRun: boolean) =>
  answer(api.POST('/api/v1/services/{serviceId}/resources', { ...at(service), body: { path, dryRun } }))

/** Makes a method of a path: the verb, and what else is known. */
export const createMethod = (service: string, resourceId: string, method: Partial<Method> & Pick<Method, 'verb'>) =>
  answer(
    api.POST('/api/v1/services/{serviceId}/resources/{resourceId}/methods', {
      ...atResource(service, resourceId),
      body: method,
    }),
  )

/** Copies a path with all below it, or only tries to. */
export const clonePath = (service: string, resourceId: string, path: string, dryRun: boolean) =>
  answer(
    api.POST('/api/v1/services/{serviceId}/resources/{resourceId}/clone', {
      ...atResource(service, resourceId),
      body: { path, dryRun },
    }),
  )

/** Moves methods to a path, which is made where it is not there; or only tries to. */
export const moveMethods = (service: string, methodIds: readonly string[], path: string, dryRun: boolean) =>
  answer(
    api.POST('/api/v1/services/{serviceId}/methods/move', {
      ...at(service),
      body: { moves: methodIds.map((methodId) => ({ methodId, path })), dryRun },
    }),
  )

/** Takes away what is said of plugins below a path: by the design, or by the overlay of a stage. */
export async function clearOverrides(
  service: string,
  stage: string | undefined,
  node: { readonly id: string; readonly path: string },
  dryRun: boolean,
) {
  const body = { plugins: null, dryRun }
  const call =
    stage === undefined
      ? api.POST('/api/v1/services/{serviceId}/resources/{resourceId}/clear-overrides', {
          ...atResource(service, node.id),
          body,
        })
      : api.POST('/api/v1/services/{serviceId}/stages/{stageId}/clear-overrides', {
          params: { path: { serviceId: service, stageId: stage } },
          body: { ...body, path: node.path },
        })
  return (await answer(call)).cleared
}

/** Deletes a path with all below it, as one has seen it. */
export const deletePath = (service: string, resourceId: string, etag: string) =>
  answer(
    api.DELETE('/api/v1/services/{serviceId}/resources/{resourceId}', {
      ...atResource(service, resourceId),
      ...ifMatch(etag),
    }),
  )

/** Deletes a method, as one has seen it. Gives what it was. */
export async function deleteMethod(service: string, methodId: string, etag: string): Promise<Method> {
  const before = await answer(api.GET('/api/v1/services/{serviceId}/methods/{methodId}', atMethod(service, methodId)))
  await answer(
    api.DELETE('/api/v1/services/{serviceId}/methods/{methodId}', { ...atMethod(service, methodId), ...ifMatch(etag) }),
  )
  return before
}
