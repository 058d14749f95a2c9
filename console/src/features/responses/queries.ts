import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiProblem, answer, api, ifMatch, versioned } from '../../api/client.ts'
import type { GatewayResponse } from '../../api/model.ts'
import { savePart } from '../../api/save-part.ts'
import type { paths } from '../../api/schema.ts'

/** All types of gateway responses of a service, with the schema of what they can be redefined to. */
export const responsesQuery = (serviceId: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'gateway-responses'],
    queryFn: () => readResponses(serviceId),
  })

const readResponses = (serviceId: string) =>
  versioned(api.GET('/api/v1/services/{serviceId}/gateway-responses', { params: { path: { serviceId } } }))

type Items = Awaited<ReturnType<typeof readResponses>>['value']['items']
export type ResponseState = Items[number]
/** The types that the API knows. */
export type ResponseType =
  paths['/api/v1/services/{serviceId}/gateway-responses/{type}']['put']['parameters']['path']['type']

/** What the gateway would answer, whether it is saved or not. */
export const previewQuery = (serviceId: string, type: ResponseType, response: GatewayResponse | null, accept: string) =>
  queryOptions({
    queryKey: ['services', serviceId, 'gateway-responses', type, 'preview', response, accept],
    placeholderData: keepPreviousData,
    // What is wrong with it stays wrong.
    retry: (count, error) => !(error instanceof ApiProblem) && count < 2,
    queryFn: () =>
      answer(
        api.POST('/api/v1/services/{serviceId}/gateway-responses/{type}/preview', {
          params: { path: { serviceId, type } },
          body: { response, accept },
        }),
      ),
  })

/** Redefines a type, if it still is what it was; null brings its default back. */
export function saveResponse(
  serviceId: string,
  type: ResponseType,
  before: GatewayResponse | null,
  response: GatewayResponse | null,
) {
  const read = async () => {
    const { value, etag } = await readResponses(serviceId)
    return { value: value.items.find((one) => one.type === type)?.redefined ?? null, etag }
  }
  const params = { path: { serviceId, type } }
  const at = '/api/v1/services/{serviceId}/gateway-responses/{type}'
  return savePart<GatewayResponse | null, unknown>(read, before, (etag) =>
    response === null
      ? answer(api.DELETE(at, { params, ...ifMatch(etag) }))
      : answer(api.PUT(at, { params, body: response, ...ifMatch(etag) })),
  )
}

/** Redefines all types by a preset; null brings all defaults back. */
export const savePreset = (serviceId: string, preset: 'envelope' | null, etag: string) =>
  answer(
    api.PUT('/api/v1/services/{serviceId}/gateway-responses', {
      params: { path: { serviceId } },
      body: { preset },
      ...ifMatch(etag),
    }),
  )
