import { queryOptions } from '@tanstack/react-query'
import { answer, api, ifMatch, versioned } from '../../api/client.ts'
import type { Model } from '../../api/model.ts'
import { savePart } from '../../api/save-part.ts'

/** The models of a service, each with how many others use it. */
export const modelsQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'models'],
    queryFn: () => answer(api.GET('/api/v1/services/{serviceId}/models', { params: { path: { serviceId } } })),
  })

/** One model, with all that refers to it. */
export const modelQuery = (serviceId: string, modelName: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'models', modelName],
    queryFn: () => readModel(serviceId, modelName),
  })

const readModel = (serviceId: string, modelName: string) =>
  versioned(api.GET('/api/v1/services/{serviceId}/models/{modelName}', { params: { path: { serviceId, modelName } } }))

/** What of a model can be changed. */
export type ModelContent = Pick<Model, 'description' | 'dialect' | 'schema'>

export const contentOf = ({ description, dialect, schema }: ModelContent): ModelContent => ({
  description,
  dialect,
  schema,
})

/** Saves a model, if it still is what it was. */
export function saveModel(serviceId: string, modelName: string, before: ModelContent, content: ModelContent) {
  const read = async () => {
    const { value, etag } = await readModel(serviceId, modelName)
    return { value: contentOf(value), etag }
  }
  return savePart(read, before, (etag) =>
    answer(
      api.PATCH('/api/v1/services/{serviceId}/models/{modelName}', {
        params: { path: { serviceId, modelName } },
        body: content,
        ...ifMatch(etag),
      }),
    ),
  )
}
