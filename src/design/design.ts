import type { Method } from '../model/method.ts'
import type { Design } from '../model/revision.ts'

export type { Design }

/** The tree alone. */
export type Tree = Pick<Design, 'resources' | 'methods'>

/** A design in the one order of its parts, so that equal designs are equal texts whatever the order they were read in. */
export function inOrder({ resources, methods, models, gatewayResponses }: Design): Design {
  const pathOf = new Map(resources.map(({ id, path }) => [id, path]))
  const keyOf = ({ resourceId, verb }: Method) => `${pathOf.get(resourceId) ?? ''} ${verb}`
  return {
    resources: resources.toSorted((a, b) => compare(a.path, b.path)),
    methods: methods.toSorted((a, b) => compare(keyOf(a), keyOf(b))),
    models: models.toSorted((a, b) => compare(a.name, b.name)),
    gatewayResponses,
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
