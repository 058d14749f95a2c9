import { Type } from '#bundles/typebox'

/** One difference between two designs or stages. */
export const Change = Type.Object({
  kind: Type.Enum(['added', 'removed', 'changed']),
  node: Type.String({
    description:
      '`/pets`, `GET /pets`, `model Pet`, `gateway response not-found`, `policy tenants`, or `stage` for its settings.',
  }),
  field: Type.String({ description: 'JSON Pointer of the field in its node; empty for the node as a whole.' }),
  before: Type.Unknown({ description: 'null where it was not there.' }),
  after: Type.Unknown({ description: 'null where it is no longer there.' }),
  text: Type.String({ description: 'The same as a sentence.' }),
})
