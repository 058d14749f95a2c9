import { Type } from '#bundles/typebox'
import { assertOutsideBase } from '../control/addresses.ts'
import { applyDraft } from '../control/apply-draft.ts'
import { createStage } from '../control/create-stage.ts'
import { deleteStage } from '../control/delete-stage.ts'
import { findService, findStage } from '../control/find.ts'
import { readChanges } from '../control/read-changes.ts'
import { updateStage } from '../control/update-stage.ts'
import { Revision } from '../model/revision.ts'
import { OverlayNode, Stage } from '../model/stage.ts'
import { Change } from './changes.ts'
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

const { name, overlay, description, isDefault, publicDocument, keepDeployments, ...own } = Stage.properties
const { domains, pathPrefix, trailingSlash, https, hsts, backend, variables, plugins } = own
const stageFields = {
  description,
  isDefault,
  domains,
  pathPrefix,
  trailingSlash,
  https,
  hsts,
  backend,
  variables,
  plugins,
  publicDocument,
  keepDeployments,
}
const NewStage = Type.Object(
  { name, ...Type.Partial(Type.Object(stageFields)).properties },
  { additionalProperties: false },
)
const StageChanges = Changes({ ...stageFields, overlay })
const StageList = Type.Object({ items: Type.Array(Stage) })
const AppliedDraft = Type.Object({
  stage: Stage,
  revision: Revision,
  dropped: Type.Array(OverlayNode, { description: 'What the overlay said of nodes that are no longer there.' }),
})
const PendingChanges = Type.Object({
  draft: Type.Array(Change, { description: 'What applying the draft would change.' }),
  live: Type.Union([Type.Array(Change), Type.Null()], {
    description: 'What deploying would change; null where nothing is live yet.',
  }),
  canary: Type.Union([Type.Integer(), Type.Null()], {
    description: 'The number of the deployment that serves a share of the callers beside what is live; null for none.',
  }),
})

export function stageRoutes(api: Api, { runner, publisher, deployer }: ApiContext): void {
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
      const expected = expectedVersion(request)
      assertOutsideBase(request.body.domains ?? [], deployer.baseDomain)
      const stage = await runner.inTransaction(actorOf(request), (unit) =>
        createStage(unit, request.params.serviceId, request.body, expected),
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
      assertOutsideBase(request.body.domains ?? [], deployer.baseDomain)
      const stage = await runner.inTransaction(actorOf(request), (unit) =>
        updateStage(unit, request.params.serviceId, request.params.stageId, request.body, expected),
      )
      return reply.header('etag', etag(stage)).send(stage)
    },
  )

  api.post(
    '/services/:serviceId/stages/:stageId/apply',
    {
      ...may('write'),
      schema: {
        summary: 'Apply the draft to a stage',
        description: 'Makes a revision of the draft, which the stage runs from its next deployment on.',
        tags: ['Stages'],
        params: StageParams,
        response: { 200: AppliedDraft },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const applied = await runner.inTransaction(actorOf(request), (unit) =>
        applyDraft(unit, request.params.serviceId, request.params.stageId, expected),
      )
      return reply.header('etag', etag(applied.stage)).send(applied)
    },
  )

  api.get(
    '/services/:serviceId/stages/:stageId/changes',
    {
      ...may('read'),
      schema: {
        summary: 'Show what is different between draft, stage and live',
        tags: ['Stages'],
        params: StageParams,
        querystring: Type.Object({
          apply: Type.Boolean({
            description: 'For `live`: with the draft applied to the stage first.',
            default: false,
          }),
        }),
        response: { 200: PendingChanges },
      },
    },
    (request) =>
      runner.inTransaction(actorOf(request), (unit) =>
        readChanges(unit, request.params.serviceId, request.params.stageId, request.query),
      ),
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
