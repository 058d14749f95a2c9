import type { Parameter } from '../../model/interface.ts'
import { parameterPlaces } from '../../model/interface.ts'
import type { Method } from '../../model/method.ts'

type Interface = Pick<Method, 'parameters' | 'requestBody' | 'responses'>

/** What a method takes and gives in one order, where the order means nothing: parameters by place, responses and headers by name. */
export function sortedInterface({ parameters, requestBody, responses }: Interface): Interface {
  return {
    parameters: parameters.toSorted((a, b) => placeOf(a) - placeOf(b)),
    requestBody,
    responses: responses
      .map((response) => ({ ...response, headers: response.headers.toSorted((a, b) => compare(a.name, b.name)) }))
      .sort((a, b) => compare(a.status, b.status)),
  }
}

function placeOf(parameter: Parameter): number {
  return parameterPlaces.indexOf(parameter.in)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
