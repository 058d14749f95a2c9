import { Type } from '#bundles/typebox'
import { assertMay } from '../control/access.ts'
import { clearOverrides, clearStageOverrides } from '../control/clear-overrides.ts'
import { cloneResource } from '../control/clone-resource.ts'
import { copyService } from '../control/copy-service.ts'
import { deleteMethods } from '../control/delete-method.ts'
import { inTransaction } from '../control/dry-run.ts'
import { moveMethods } from '../control/move-methods.ts'
import { Method } from '../model/method.ts'
import { Resource, ResourcePath } from '../model/resource.ts'
import { Service } from '../model/service.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  callerOf,
  etag,
  expectedVersion,
  may,
  ResourceParams,
  ServiceParams,
  StageParams,
} from './context.ts'

/** Operations on many parts of a design at once; each is one transaction, all or nothing. */

const dryRun = Type.Boolean({ description: 'Only say what would be done.', default: false })
const id = (description: string) => Type.String({ description, minLength: 1, maxLength: 64 })
const strict = { additionalProperties: false }
const Moves = Type.Object(
  {
    moves: Type.Array(Type.Object({ methodId: id('Id of the method.'), path: ResourcePath }, strict), {
      description: 'Paths that are not there are made.',
      minItems: 1,
      maxItems: 10_000,
    }),
    dryRun,
  },
  strict,
)
const Moved = Type.Object({ methods: Type.Array(Method), createdPaths: Type.Array(Type.String()) })
const Deletions = Type.Object(
  { methodIds: Type.Array(id('Id of a method.'), { minItems: 1, maxItems: 10_000 }), dryRun },
  strict,
)
const Clone = Type.Object({ path: ResourcePath, dryRun }, strict)
const Cloned = Type.Object({ resources: Type.Array(Resource), methods: Type.Integer({ description: 'How many.' }) })
const Copy = Type.Object(
  {
    name: Service.properties.name,
    withStages: Type.Boolean({ description: 'Also copy the stages; they are not deployed yet.', default: false }),
  },
  strict,
)
const plugins = Type.Union([Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 }), Type.Null()], {
  description: 'Names of the plugins; null for all.',
  default: null,
})
const Clearing = Type.Object({ plugins, dryRun }, strict)
const StageClearing = Type.Object({ path: ResourcePath, plugins, dryRun }, strict)
const Cleared = Type.Object({
  cleared: Type.Array(
    Type.Object({
      path: Type.String(),
      verb: Type.Union([Type.String(), Type.Null()], { description: 'null for the path itself.' }),
      plugin: Type.String(),
    }),
  ),
})

export function bulkRoutes(api: Api, { runner }: ApiContext): void {
  api.post(
    '/services/:serviceId/methods/move',
    {
      ...may('write'),
      schema: {
        summary: 'Move methods to other paths',
        description: 'All or none. Methods may change places.',
        tags: ['Design'],
        params: ServiceParams,
        body: Moves,
        response: { 200: Moved },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { moves, dryRun: isDry } = request.body
      const { service, ...moved } = await inTransaction(runner, actorOf(request), isDry, (unit) =>
        moveMethods(unit, request.params.serviceId, moves, expected),
      )
      return reply.header('etag', etag(service)).send(moved)
    },
  )

  api.post(
    '/services/:serviceId/methods/delete',
    {
      ...may('write'),
      schema: {
        summary: 'Delete many methods',
        description: 'All or none.',
        tags: ['Design'],
        params: ServiceParams,
        body: Deletions,
        response: { 200: Type.Object({ deleted: Type.Array(Method) }) },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { methodIds, dryRun: isDry } = request.body
      const { service, deleted } = await inTransaction(runner, actorOf(request), isDry, (unit) =>
        deleteMethods(unit, request.params.serviceId, methodIds, expected),
      )
      return reply.header('etag', etag(service)).send({ deleted })
    },
  )

  api.post(
    '/services/:serviceId/resources/:resourceId/clone',
    {
      ...may('write'),
      schema: {
        summary: 'Clone a path with everything below it',
        tags: ['Design'],
        params: ResourceParams,
        body: Clone,
        response: { 201: Cloned },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, resourceId } = request.params
      const { path, dryRun: isDry } = request.body
      const { service, ...cloned } = await inTransaction(runner, actorOf(request), isDry, (unit) =>
        cloneResource(unit, serviceId, resourceId, path, expected),
      )
      return reply.code(201).header('etag', etag(service)).send(cloned)
    },
  )

  api.post(
    '/services/:serviceId/resources/:resourceId/clear-overrides',
    {
      ...may('write'),
      schema: {
        summary: 'Clear what is said of plugins below a path',
        description: 'Attachments and switches; those of the path itself stay, and hold for all below it then.',
        tags: ['Design'],
        params: ResourceParams,
        body: Clearing,
        response: { 200: Cleared },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, resourceId } = request.params
      const { plugins: names, dryRun: isDry } = request.body
      const { service, cleared } = await inTransaction(runner, actorOf(request), isDry, (unit) =>
        clearOverrides(unit, serviceId, resourceId, names, expected),
      )
      return reply.header('etag', etag(service)).send({ cleared })
    },
  )

  api.post(
    '/services/:serviceId/stages/:stageId/clear-overrides',
    {
      ...may('write'),
      schema: {
        summary: 'Clear what the overlay of a stage says of plugins below a path',
        tags: ['Stages'],
        params: StageParams,
        body: StageClearing,
        response: { 200: Cleared },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, stageId } = request.params
      const { dryRun: isDry, ...what } = request.body
      const { stage, cleared } = await inTransaction(runner, actorOf(request), isDry, (unit) =>
        clearStageOverrides(unit, serviceId, stageId, what, expected),
      )
      return reply.header('etag', etag(stage)).send({ cleared })
    },
  )

  api.post(
    '/services/:serviceId/copy',
    {
      // It changes nothing: it makes another service.
      config: { permission: 'write', onSome: true, isUnversioned: true },
      schema: {
        summary: 'Copy a service',
        description:
          'Its design with models and gateway responses, its restriction policies, and, if asked, its stages.',
        tags: ['Services'],
        params: ServiceParams,
        body: Copy,
        response: { 201: Service },
      },
    },
    async (request, reply) => {
      assertMay(callerOf(request), 'write', null)
      const copy = await runner.inTransaction(actorOf(request), (unit) =>
        copyService(unit, request.params.serviceId, request.body),
      )
      return reply.code(201).header('etag', etag(copy)).send(copy)
    },
  )
}
