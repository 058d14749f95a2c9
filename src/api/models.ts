import { Type } from '#bundles/typebox'
import { createModel, deleteModel, listModels, readModel, updateModel } from '../control/models.ts'
import { Model } from '../model/model.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  Changes,
  etag,
  expectedVersion,
  may,
  ServiceParams,
  serviceOf,
  withVersion,
} from './context.ts'

const { name, description, dialect, schema } = Model.properties
const ModelParams = Type.Object({
  ...ServiceParams.properties,
  modelName: Type.String({ description: 'Name of the model.', minLength: 1, maxLength: 100 }),
})
const NewModel = Type.Object(
  { name, schema, description: Type.Optional(description), dialect: Type.Optional(dialect) },
  { additionalProperties: false },
)
const ModelChanges = Changes({ description, dialect, schema })
const ModelList = Type.Object({
  items: Type.Array(
    Type.Object({
      ...Model.properties,
      useCount: Type.Integer({ description: 'How many methods and other models refer to it.' }),
    }),
  ),
})
const ModelWithUses = Type.Object({
  ...Model.properties,
  usedBy: Type.Array(
    Type.Object({
      model: Type.String({ description: 'This one.' }),
      by: Type.String({ description: '`GET /pets`, or `model Pet`.' }),
      pointer: Type.String({ description: 'JSON Pointer of the reference there.' }),
    }),
  ),
})

export function modelRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/services/:serviceId/models',
    {
      ...may('read'),
      schema: { summary: 'List models', tags: ['Models'], params: ServiceParams, response: { 200: ModelList } },
    },
    (request, reply) =>
      withVersion(runner, request, reply, serviceOf(request), async (unit) => ({
        items: await listModels(unit, request.params.serviceId),
      })),
  )

  api.post(
    '/services/:serviceId/models',
    {
      ...may('write'),
      schema: {
        summary: 'Create a model',
        tags: ['Models'],
        params: ServiceParams,
        body: NewModel,
        response: { 201: Model },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { model, service } = await runner.inTransaction(actorOf(request), (unit) =>
        createModel(unit, request.params.serviceId, request.body, expected),
      )
      return reply.code(201).header('etag', etag(service)).send(model)
    },
  )

  api.get(
    '/services/:serviceId/models/:modelName',
    {
      ...may('read'),
      schema: {
        summary: 'Read a model, and by what it is used',
        tags: ['Models'],
        params: ModelParams,
        response: { 200: ModelWithUses },
      },
    },
    async (request, reply) => {
      const { serviceId, modelName } = request.params
      const { model, usedBy, service } = await runner.inTransaction(actorOf(request), (unit) =>
        readModel(unit, serviceId, modelName),
      )
      return reply.header('etag', etag(service)).send({ ...model, usedBy })
    },
  )

  api.patch(
    '/services/:serviceId/models/:modelName',
    {
      ...may('write'),
      schema: {
        summary: 'Change a model',
        tags: ['Models'],
        params: ModelParams,
        body: ModelChanges,
        response: { 200: Model },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, modelName } = request.params
      const { model, service } = await runner.inTransaction(actorOf(request), (unit) =>
        updateModel(unit, serviceId, modelName, request.body, expected),
      )
      return reply.header('etag', etag(service)).send(model)
    },
  )

  api.delete(
    '/services/:serviceId/models/:modelName',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a model',
        description: 'One that is in use cannot be deleted.',
        tags: ['Models'],
        params: ModelParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, modelName } = request.params
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        deleteModel(unit, serviceId, modelName, expected),
      )
      return reply.code(204).send(null)
    },
  )
}
