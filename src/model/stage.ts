import { type Static, Type } from 'typebox'
import { Attachment } from '../plugins/registry.ts'
import { Id } from './id.ts'

export const StageName = Type.String({
  title: 'Name',
  description: 'Lower-case letters and digits; unique in its service.',
  pattern: '^[a-z0-9]{1,30}$',
  examples: ['production'],
})

/** Where requests of a stage go. */
export const BackendUrl = Type.String({
  title: 'Backend URL',
  description: 'http or https, host, optional port and base path; no query, no user name.',
  pattern: '^https?://[^/?#@\\s]+(?:/[^?#\\s]*)?$',
  maxLength: 2048,
  examples: ['http://127.0.0.1:3000/v1'],
})

/** Where a revision of a service's design runs. */
export const Stage = Type.Object({
  id: Id,
  serviceId: Id,
  name: StageName,
  description: Type.String({
    title: 'Description',
    description: 'What the stage is for.',
    maxLength: 2000,
    default: '',
  }),
  isDefault: Type.Boolean({
    title: 'Default stage',
    description: 'Served as SERVICE.BASE_DOMAIN instead of SERVICE-STAGE.BASE_DOMAIN; one per service.',
    default: false,
  }),
  backendUrl: Type.Union([BackendUrl, Type.Null()], {
    title: 'Backend URL',
    description: 'null: not set yet; methods with a proxy backend cannot be deployed.',
  }),
  variables: Type.Record(Type.String({ pattern: '^[A-Za-z0-9_]{1,64}$' }), Type.String({ maxLength: 2048 }), {
    title: 'Variables',
    description: 'Values that the design refers to as ${stage.variable.NAME}.',
    default: {},
  }),
  plugins: Type.Array(Attachment, { title: 'Plugins', description: "Plugins of the stage's root.", default: [] }),
  deploymentId: Type.Union([Id, Type.Null()], {
    title: 'Live deployment',
    description: 'null until the first deployment is complete.',
  }),
  version: Type.Integer({ title: 'Version', description: 'Goes up by one with each change; the ETag.' }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
  updatedAt: Type.String({ title: 'Updated', description: 'ISO 8601, UTC.' }),
})
export type Stage = Static<typeof Stage>
