import { Type } from 'typebox'
import { createStage } from '../control/create-stage.ts'
import { deleteStage } from '../control/delete-stage.ts'
import { findService, findStage } from '../control/find.ts'
import { updateStage } from '../control/update-stage.ts'
import { Stage } from '../model/stage.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  Changes,
  etag,
  expectedVersion,
  may,
  ServiceParams,
  StageParams,
} from './context.ts'

const { name, description, isDefault, backendUrl, variables, plugins } = Stage.properties
const stageFields = {
  description: Type.Optional(description),
  isDefault: Type.Optional(isDefault),
  backendUrl: Type.Optional(backendUrl),
  variables: Type.Optional(variables),
  plugins: Type.Optional(plugins),
}
const NewStage = Type.Object({ name, ...stageFields }, { additionalProperties: false })
const StageChanges = Changes({ description, isDefault, backendUrl, variables, plugins })
const StageList = Type.Object({ items: Type.Array(Stage) })

export function stageRoutes(api: Api, { runner, publisher }: ApiContext): void {
  api.get(
    '/services/:serviceId/stages',
    {
      ...may('read'),
      schema: { summary: 'List stages', tags: ['Stages'], params: ServiceParams, response: { 200: StageList } },
    },
    (request) =>
      runner.inTransaction(actorOf(request), async (unit) => ({
        items: await unit.stages.ofService((await findService(unit, request.params.serviceId)).id),
      })),
  )

  api.post(
    '/services/:serviceId/stages',
    {
      ...may('write'),
      schema: {
        summary: 'Create a stage',
        tags: ['Stages'],
        params: ServiceParams,
        body: NewStage,
        response: { 201: Stage },
      },
    },
    async (request, reply) => {
      const stage = await runner.inTransaction(actorOf(request), (unit) =>
        createStage(unit, request.params.serviceId, request.body),
      )
      return reply.code(201).header('etag', etag(stage)).send(stage)
    },
  )

  api.get(
    '/services/:serviceId/stages/:stageId',
    {
      ...may('read'),
      schema: { summary: 'Read a stage', tags: ['Stages'], params: StageParams, response: { 200: Stage } },
    },
    async (request, reply) => {
      const { serviceId, stageId } = request.params
      const stage = await runner.inTransaction(actorOf(request), async (unit) =>
        findStage(unit, await findService(unit, serviceId), stageId),
      )
      return reply.header('etag', etag(stage)).send(stage)
    },
  )

  api.patch(
    '/services/:serviceId/stages/:stageId',
    {
      ...may('write'),
      schema: {
        summary: 'Change a stage',
        tags: ['Stages'],
        params: StageParams,
        body: StageChanges,
        response: { 200: Stage },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const stage = await runner.inTransaction(actorOf(request), (unit) =>
        updateStage(unit, request.params.serviceId, request.params.stageId, request.body, expected),
      )
      return reply.header('etag', etag(stage)).send(stage)
    },
  )

  api.delete(
    '/services/:serviceId/stages/:stageId',
    {
      ...may('write'),
      schema: { summary: 'Delete a stage', tags: ['Stages'], params: StageParams, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const stage = await runner.inTransaction(actorOf(request), (unit) =>
        deleteStage(unit, request.params.serviceId, request.params.stageId, expected),
      )
      await publisher.withdraw(stage.id)
      return reply.code(204).send(null)
    },
  )
}
