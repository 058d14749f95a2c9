import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { NodePlugin } from '../plugins/registry.ts'
import { Id } from './id.ts'

export const ResourcePath = Type.String({
  title: 'Path',
  description: 'Full path: literal segments, {variable} for one segment, {variable+} for that and everything below.',
  pattern: '^/',
  [EXPECTED]: 'a path that begins with /',
  maxLength: 255,
  examples: ['/bookings/{bookingId}'],
})

/** A node of a service's path tree. */
export const Resource = Type.Object({
  id: Id,
  serviceId: Id,
  path: ResourcePath,
  description: Type.String({
    title: 'Description',
    description: 'What lives under this path.',
    maxLength: 2000,
    default: '',
  }),
  plugins: Type.Array(NodePlugin, {
    title: 'Plugins',
    description: 'Plugins of this path and all below it.',
    default: [],
  }),
})
export type Resource = Static<typeof Resource>
