import { Readable } from 'node:stream'
import { Type } from '#bundles/typebox'
import { exportKeys, importKeys } from '../control/key-files.ts'
import { createKey, deleteKey, findKey, regenerateKey, updateKey } from '../control/keys.ts'
import { keyOrders, listKeys } from '../control/list-keys.ts'
import { subscribe, unsubscribe } from '../control/subscriptions.ts'
import { ApiKey, KeySlot, KeyValue, KeyValues, Subscription, SubscriptionUsage } from '../model/key.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  Changes,
  etag,
  expectedVersion,
  may,
  mayUnversioned,
  Page,
} from './context.ts'

const { name, description, active, expiresAt } = ApiKey.properties
const tags = ['Keys and plans']
const keyId = Type.String({ description: 'Id or name of the key.', minLength: 1, maxLength: 100 })
const KeyParams = Type.Object({ keyId })
// Not `serviceId`: a role on one service is not enough to say who may call it.
const SubscriptionParams = Type.Object({
  keyId,
  service: Type.String({ description: 'Id or name of the service.', minLength: 1, maxLength: 64 }),
  stage: Type.String({ description: 'Id or name of the stage.', minLength: 1, maxLength: 64 }),
})
const NewKey = Type.Object(
  {
    name,
    description: Type.Optional(description),
    active: Type.Optional(active),
    expiresAt: Type.Optional(expiresAt),
    primary: Type.Optional(KeyValue),
    secondary: Type.Optional(KeyValue),
  },
  { additionalProperties: false },
)
const CreatedKey = Type.Object({ key: ApiKey, values: KeyValues })
const KeyChanges = Changes({ name, description, active, expiresAt })
const KeyListQuery = Type.Object({
  q: Type.String({
    description: 'Only keys that have this text in name or description, in whatever case.',
    maxLength: 200,
    default: '',
  }),
  plan: Type.Optional(
    Type.String({
      description: 'Only keys that are subscribed through this plan: its id or name.',
      minLength: 1,
      maxLength: 64,
    }),
  ),
  stageId: Type.Optional(
    Type.String({ description: 'Only keys that are subscribed to the stage of this id.', minLength: 1, maxLength: 64 }),
  ),
  sort: Type.Enum([...keyOrders], {
    description: 'By what they are sorted; with a minus the other way round.',
    default: 'name',
  }),
  limit: Page.limit,
  after: Type.String({ description: 'The `next` of the page before.', maxLength: 255, default: '' }),
})
const KeyList = Type.Object({
  items: Type.Array(Type.Object({ ...ApiKey.properties, subscriptions: Type.Array(Subscription) })),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'What to give as `after` for the next page; null on the last one.',
  }),
})
const Regeneration = Type.Object({ which: KeySlot, value: Type.Optional(KeyValue) }, { additionalProperties: false })
const RegeneratedKey = Type.Object({
  key: ApiKey,
  value: Type.String({ description: 'The new value. Shown this once.' }),
})
const SubscriptionList = Type.Object({ items: Type.Array(Subscription) })
const KeyUsage = Type.Object({
  lastUsedAt: expiresAt,
  subscriptions: Type.Array(SubscriptionUsage),
})
const KeyImport = Type.Object(
  {
    csv: Type.String({
      description:
        'The first line names the columns: name, description, primary, secondary, active, expiresAt, subscriptions (SERVICE/STAGE=PLAN, separated by spaces). Only the name is needed; values that are missing are made.',
      examples: ['name,primary,subscriptions\nAcme,4f9c2a7d1b8e,shop/live=gold\n'],
    }),
    dryRun: Type.Boolean({ description: 'Only look, and tell what would be made.', default: false }),
  },
  { additionalProperties: false },
)
const ImportedKeys = Type.Object({
  keys: Type.Array(
    Type.Object({
      id: Type.String(),
      name,
      primary: Type.Union([Type.String(), Type.Null()], { description: 'Where it was made; shown this once.' }),
      secondary: Type.Union([Type.String(), Type.Null()], { description: 'Where it was made; shown this once.' }),
    }),
  ),
})
/** A hundred thousand lines of what keys have. */
const IMPORT_BYTES = 67_108_864

export function keyRoutes(api: Api, { runner, liveKeys }: ApiContext): void {
  api.get(
    '/keys',
    {
      ...may('read'),
      schema: {
        summary: 'List API keys, or search for some',
        tags,
        querystring: KeyListQuery,
        response: { 200: KeyList },
      },
    },
    (request) => {
      const { q: search, plan, stageId, sort: order, after, limit } = request.query
      return runner.inTransaction(actorOf(request), (unit) =>
        listKeys(unit, { search, plan, stageId, order, after, limit }),
      )
    },
  )

  api.post(
    '/keys',
    {
      ...may('write'),
      schema: {
        summary: 'Create an API key',
        description: 'The answer shows its values, this once. A value that is not given is made.',
        tags,
        body: NewKey,
        response: { 201: CreatedKey },
      },
    },
    async (request, reply) => {
      const created = await runner.inTransaction(actorOf(request), (unit) =>
        createKey(unit, request.body, liveKeys.capacity),
      )
      await liveKeys.refreshKeys([created.key.id])
      return reply.code(201).header('etag', etag(created.key)).send(created)
    },
  )

  api.post(
    '/keys/import',
    {
      ...may('write'),
      bodyLimit: IMPORT_BYTES,
      schema: {
        summary: 'Create API keys from CSV',
        description: 'All of them, or none: every line that is wrong is told.',
        tags,
        body: KeyImport,
        response: { 200: ImportedKeys },
      },
    },
    async (request) => {
      const { csv, dryRun } = request.body
      const keys = await runner.inTransaction(actorOf(request), (unit) =>
        importKeys(unit, csv, { isDryRun: dryRun, capacity: liveKeys.capacity }),
      )
      if (!dryRun) await liveKeys.refreshKeys(keys.map(({ id }) => id))
      return { keys }
    },
  )

  api.get(
    '/keys/export',
    {
      ...may('read'),
      schema: {
        summary: 'Export API keys as CSV',
        description: 'Everything but their values, which nobody has.',
        tags,
        produces: ['text/csv'],
        response: { 200: Type.Unsafe<Readable>({ type: 'string' }) },
      },
    },
    (request, reply) => {
      const actor = actorOf(request)
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="keys.csv"')
        .send(Readable.from(exportKeys((work) => runner.inTransaction(actor, work))))
    },
  )

  api.get(
    '/keys/:keyId',
    {
      ...may('read'),
      schema: { summary: 'Read an API key', tags, params: KeyParams, response: { 200: ApiKey } },
    },
    async (request, reply) => {
      const key = await runner.inTransaction(actorOf(request), (unit) => findKey(unit, request.params.keyId))
      return reply.header('etag', etag(key)).send(key)
    },
  )

  api.patch(
    '/keys/:keyId',
    {
      ...may('write'),
      schema: {
        summary: 'Change an API key',
        description: 'It holds at once.',
        tags,
        params: KeyParams,
        body: KeyChanges,
        response: { 200: ApiKey },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const key = await runner.inTransaction(actorOf(request), (unit) =>
        updateKey(unit, request.params.keyId, request.body, expected),
      )
      await liveKeys.refreshKeys([key.id])
      return reply.header('etag', etag(key)).send(key)
    },
  )

  api.post(
    '/keys/:keyId/regenerate',
    {
      ...may('write'),
      schema: {
        summary: 'Replace a value of an API key',
        description: 'By one that is made, or one that is given. The old one is refused at once, the other one stays.',
        tags,
        params: KeyParams,
        body: Regeneration,
        response: { 200: RegeneratedKey },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { key, value } = await runner.inTransaction(actorOf(request), (unit) =>
        regenerateKey(unit, request.params.keyId, request.body, expected),
      )
      await liveKeys.refreshKeys([key.id])
      return reply.header('etag', etag(key)).send({ key, value })
    },
  )

  api.delete(
    '/keys/:keyId',
    {
      ...may('write'),
      schema: {
        summary: 'Delete an API key',
        description: 'One that is subscribed to a stage cannot be deleted.',
        tags,
        params: KeyParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const key = await runner.inTransaction(actorOf(request), (unit) =>
        deleteKey(unit, request.params.keyId, expected),
      )
      await liveKeys.refreshKeys([key.id])
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/keys/:keyId/usage',
    {
      ...may('read'),
      schema: {
        summary: 'Read how much an API key has used',
        description: 'As it is at this moment: what is left, when it begins anew, and why a request was last refused.',
        tags,
        params: KeyParams,
        response: { 200: KeyUsage },
      },
    },
    (request) =>
      runner.inTransaction(actorOf(request), async (unit) => {
        const key = await findKey(unit, request.params.keyId)
        return {
          lastUsedAt: liveKeys.lastUsedAt(key.id) ?? key.lastUsedAt,
          subscriptions: await liveKeys.usageOf(unit, key.id),
        }
      }),
  )

  api.get(
    '/keys/:keyId/subscriptions',
    {
      ...may('read'),
      schema: {
        summary: 'List what an API key is subscribed to',
        tags,
        params: KeyParams,
        response: { 200: SubscriptionList },
      },
    },
    (request) =>
      runner.inTransaction(actorOf(request), async (unit) => {
        const key = await findKey(unit, request.params.keyId)
        return { items: await unit.keys.subscriptionsOf(key.id) }
      }),
  )

  api.put(
    '/keys/:keyId/subscriptions/:service/:stage',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Subscribe an API key to a stage, or move it to another plan',
        description: 'Through a plan that is connected to the stage. It holds at once.',
        tags,
        params: SubscriptionParams,
        body: Type.Object(
          { plan: Type.String({ description: 'Id or name of the plan.', minLength: 1, maxLength: 64 }) },
          { additionalProperties: false },
        ),
        response: { 200: SubscriptionList },
      },
    },
    async (request) => {
      const { key, items } = await runner.inTransaction(actorOf(request), (unit) =>
        subscribe(unit, request.params.keyId, request.params, request.body.plan),
      )
      await liveKeys.refreshKeys([key.id])
      return { items }
    },
  )

  api.delete(
    '/keys/:keyId/subscriptions/:service/:stage',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'End the subscription of an API key to a stage',
        tags,
        params: SubscriptionParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const key = await runner.inTransaction(actorOf(request), (unit) =>
        unsubscribe(unit, request.params.keyId, request.params),
      )
      await liveKeys.refreshKeys([key.id])
      return reply.code(204).send(null)
    },
  )
}
