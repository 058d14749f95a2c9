import { type Static, Type } from '#bundles/typebox'

/** Something that a document says and a design cannot hold. Each kind is told once. */
export const ImportNote = Type.Object({
  kind: Type.String({ title: 'Kind', description: 'Stable, for machines.', examples: ['callbacks'] }),
  what: Type.String({ title: 'What', description: 'What was not carried over, or was changed.' }),
  count: Type.Integer({ title: 'Count', description: 'How often it is in the document.', minimum: 1 }),
  line: Type.Union([Type.Integer(), Type.Null()], {
    title: 'Line',
    description: 'Where it is first; null if unknown.',
  }),
  path: Type.String({ title: 'Path', description: 'JSON Pointer of the first one.' }),
  why: Type.String({ title: 'Why', description: 'Why it was not carried over.' }),
  remedy: Type.String({ title: 'Remedy', description: 'What to do instead.' }),
})
export type ImportNote = Static<typeof ImportNote>

/** What an import creates, changes and removes, in numbers. */
const counted = (what: string) => Type.Integer({ description: what, minimum: 0 })
export const ImportCounts = Type.Object({
  createdResources: counted('Paths made.'),
  updatedResources: counted('Paths whose description or plugins changed.'),
  removedResources: counted('Paths removed.'),
  createdMethods: counted('Methods made.'),
  updatedMethods: counted('Methods changed.'),
  removedMethods: counted('Methods removed.'),
  unchangedMethods: counted('Methods that were so already.'),
  createdModels: counted('Models made.'),
  updatedModels: counted('Models changed.'),
  removedModels: counted('Models removed.'),
  updatedGatewayResponses: counted('Gateway responses redefined, or brought back to their defaults.'),
})
export type ImportCounts = Static<typeof ImportCounts>

/** One thing that an import does. */
export const ImportChange = Type.Object({
  action: Type.Enum(['create', 'update', 'remove']),
  kind: Type.Enum(['path', 'method', 'model', 'gateway-response']),
  name: Type.String({ description: 'Of a method: verb and path.', examples: ['GET /pets'] }),
  fields: Type.Array(Type.String(), { description: 'What of it changes; empty for what is made or removed.' }),
})
export type ImportChange = Static<typeof ImportChange>
