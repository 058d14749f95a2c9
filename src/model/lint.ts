import { type Static, Type } from '#bundles/typebox'

/** Something about a design that is wrong, or that its author may not have meant. */
export const Finding = Type.Object({
  code: Type.String({ description: 'Stable, for machines.' }),
  severity: Type.Enum(['error', 'warning', 'info'], {
    description: 'Errors stop a deployment. Of an info it is enough to know.',
  }),
  node: Type.String({ description: '`GET /pets`, `/pets`, `model Pet`, or `stage`.' }),
  field: Type.String({ description: 'JSON Pointer of the field in its node; empty for the node as a whole.' }),
  message: Type.String({ description: 'What is wrong, and what would be right.' }),
  sample: Type.Union([Type.String(), Type.Null()], { description: 'A request that shows it: `GET /pets/mine`.' }),
})
export type Finding = Static<typeof Finding>
