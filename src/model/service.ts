import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Id } from './id.ts'

/** A service's or stage's name is a label of a host name (RFC 1035). */
export const ServiceName = Type.String({
  title: 'Name',
  description:
    'Lower-case letters, digits and hyphens; begins with a letter; unique. It is the first part of the host name.',
  pattern: '^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$',
  [EXPECTED]: 'up to 30 lower-case letters, digits and hyphens that begin with a letter and do not end with a hyphen',
  examples: ['travel'],
})

/** The unit of management: one API design and its stages. */
export const Service = Type.Object({
  id: Id,
  name: ServiceName,
  description: Type.String({ title: 'Description', description: 'What the API is for.', maxLength: 2000, default: '' }),
  version: Type.Integer({
    title: 'Version',
    description: 'Goes up by one with each change of the service or its design; the ETag.',
  }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
  updatedAt: Type.String({ title: 'Updated', description: 'ISO 8601, UTC.' }),
})
export type Service = Static<typeof Service>
