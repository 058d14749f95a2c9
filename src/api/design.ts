import { Type } from '#bundles/typebox'
import { createMethod } from '../control/create-method.ts'
import { createResource } from '../control/create-resource.ts'
import { deleteMethod } from '../control/delete-method.ts'
import { deleteResource } from '../control/delete-resource.ts'
import { inTransaction } from '../control/dry-run.ts'
import { findService } from '../control/find.ts'
import { type Effective as EffectiveNode, readEffective } from '../control/read-effective.ts'
import { readTree } from '../control/read-tree.ts'
import { updateMethod } from '../control/update-method.ts'
import { updateResource } from '../control/update-resource.ts'
import { Backend } from '../model/backend.ts'
import { NotFound } from '../model/errors.ts'
import { Finding } from '../model/lint.ts'
import { Method } from '../model/method.ts'
import { Nullable } from '../model/nullable.ts'
import { Resource } from '../model/resource.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  Changes,
  etag,
  expectedVersion,
  MethodParams,
  may,
  Page,
  ResourceParams,
  ServiceParams,
  serviceOf,
  withVersion,
} from './context.ts'

const resource = Resource.properties
const NewResource = Type.Object(
  {
    path: resource.path,
    description: Type.Optional(resource.description),
    plugins: Type.Optional(resource.plugins),
    dryRun: Type.Boolean({ description: 'Only say what would be done: whether the path can be made.', default: false }),
  },
  { additionalProperties: false },
)
const ResourceChanges = Changes({ description: resource.description, plugins: resource.plugins })
const ResourceWithMethods = Type.Object({ ...resource, methods: Type.Array(Method) })
const Tree = Type.Object({ items: Type.Array(ResourceWithMethods) })

const method = Method.properties
const methodFields = {
  name: Type.Optional(method.name),
  description: Type.Optional(method.description),
  tags: Type.Optional(method.tags),
  deprecated: Type.Optional(method.deprecated),
  operationId: Type.Optional(method.operationId),
  parameters: Type.Optional(method.parameters),
  requestBody: Type.Optional(method.requestBody),
  responses: Type.Optional(method.responses),
  backend: Type.Optional(method.backend),
  plugins: Type.Optional(method.plugins),
}
/** A method that was saved, and what one may not have meant. */
const SavedMethod = Type.Object({ ...method, warnings: Type.Array(Finding) })
const NewMethod = Type.Object({ verb: method.verb, ...methodFields }, { additionalProperties: false })
const MethodChanges = Changes({
  name: method.name,
  description: method.description,
  tags: method.tags,
  deprecated: method.deprecated,
  operationId: method.operationId,
  parameters: method.parameters,
  requestBody: method.requestBody,
  responses: method.responses,
  backend: method.backend,
  plugins: method.plugins,
})

const Effective = Type.Object({
  plugins: Type.Array(
    Type.Object({
      plugin: Type.String(),
      config: Type.Unknown(),
      when: Type.Optional(Type.String({ description: 'The condition under which it runs.' })),
      order: Type.Optional(Type.Object({ before: Type.Optional(Type.String()), after: Type.Optional(Type.String()) })),
      mode: Type.Optional(Type.String({ description: '`shadow` where it only counts and logs.' })),
      moved: Type.Boolean({
        description:
          'Whether its `order` has put it where it is; false where the plugin named there does not run here.',
      }),
      origin: Type.Object({
        layer: Type.Enum(['design', 'stage']),
        path: Type.String(),
        verb: Type.Union([Type.String(), Type.Null()], { description: 'null for the path itself.' }),
      }),
    }),
    { description: 'In running order.' },
  ),
  backend: Nullable(Backend, {
    title: 'Backend',
    description: 'null in the draft, and where none is set.',
  }),
})

const OnStage = Type.Object({
  stage: Type.Optional(Type.String({ description: 'Id or name of a stage; the draft without.', maxLength: 64 })),
})

export function designRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/services/:serviceId/resources',
    {
      ...may('read'),
      schema: {
        summary: 'List resources with their methods',
        tags: ['Design'],
        params: ServiceParams,
        querystring: Type.Object(Page),
        response: { 200: Tree },
      },
    },
    async (request, reply) => ({
      items: await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        readTree(unit, request.params.serviceId, request.query.after, request.query.limit),
      ),
    }),
  )

  api.post(
    '/services/:serviceId/resources',
    {
      ...may('write'),
      schema: {
        summary: 'Create a resource',
        tags: ['Design'],
        params: ServiceParams,
        body: NewResource,
        response: { 201: Resource },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { dryRun, ...what } = request.body
      const { created, service } = await inTransaction(runner, actorOf(request), dryRun, async (unit) => ({
        created: await createResource(unit, request.params.serviceId, what, expected),
        service: await findService(unit, request.params.serviceId),
      }))
      return reply.code(201).header('etag', etag(service)).send(created)
    },
  )

  api.get(
    '/services/:serviceId/resources/:resourceId',
    {
      ...may('read'),
      schema: {
        summary: 'Read a resource',
        tags: ['Design'],
        params: ResourceParams,
        response: { 200: ResourceWithMethods },
      },
    },
    (request, reply) =>
      withVersion(runner, request, reply, serviceOf(request), async (unit) => {
        const found = await unit.resources.find(
          (await findService(unit, request.params.serviceId)).id,
          request.params.resourceId,
        )
        if (found === null) throw new NotFound('resource', request.params.resourceId)
        return { ...found, methods: await unit.methods.ofResources([found.id]) }
      }),
  )

  api.patch(
    '/services/:serviceId/resources/:resourceId',
    {
      ...may('write'),
      schema: {
        summary: 'Change a resource',
        tags: ['Design'],
        params: ResourceParams,
        body: ResourceChanges,
        response: { 200: Resource },
      },
    },
    (request, reply) => {
      const expected = expectedVersion(request)
      return withVersion(runner, request, reply, serviceOf(request), (unit) =>
        updateResource(unit, request.params.serviceId, request.params.resourceId, request.body, expected),
      )
    },
  )

  api.delete(
    '/services/:serviceId/resources/:resourceId',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a resource and all below it',
        tags: ['Design'],
        params: ResourceParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        deleteResource(unit, request.params.serviceId, request.params.resourceId, expected),
      )
      return reply.code(204).send(null)
    },
  )

  api.post(
    '/services/:serviceId/resources/:resourceId/methods',
    {
      ...may('write'),
      schema: {
        summary: 'Create a method',
        tags: ['Design'],
        params: ResourceParams,
        body: NewMethod,
        response: { 201: SavedMethod },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const created = await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        createMethod(unit, request.params.serviceId, request.params.resourceId, request.body, expected),
      )
      return reply.code(201).send(created)
    },
  )

  api.get(
    '/services/:serviceId/methods/:methodId',
    {
      ...may('read'),
      schema: { summary: 'Read a method', tags: ['Design'], params: MethodParams, response: { 200: Method } },
    },
    (request, reply) =>
      withVersion(runner, request, reply, serviceOf(request), async (unit) => {
        const found = await unit.methods.find(
          (await findService(unit, request.params.serviceId)).id,
          request.params.methodId,
        )
        if (found === null) throw new NotFound('method', request.params.methodId)
        return found
      }),
  )

  api.get(
    '/services/:serviceId/methods/:methodId/effective',
    {
      ...may('read'),
      schema: {
        summary: 'Show what runs for a method, and where each part comes from',
        tags: ['Design'],
        params: MethodParams,
        querystring: OnStage,
        response: { 200: Effective },
      },
    },
    async (request) => {
      const { serviceId, methodId } = request.params
      const found = await runner.inTransaction(actorOf(request), (unit) =>
        readEffective(unit, serviceId, { methodId }, request.query.stage ?? null),
      )
      return shown(found)
    },
  )

  api.get(
    '/services/:serviceId/resources/:resourceId/effective',
    {
      ...may('read'),
      schema: {
        summary: 'Show what the methods of a path inherit, and where each part comes from',
        tags: ['Design'],
        params: ResourceParams,
        querystring: OnStage,
        response: { 200: Effective },
      },
    },
    async (request) => {
      const { serviceId, resourceId } = request.params
      const found = await runner.inTransaction(actorOf(request), (unit) =>
        readEffective(unit, serviceId, { resourceId }, request.query.stage ?? null),
      )
      return shown(found)
    },
  )

  api.patch(
    '/services/:serviceId/methods/:methodId',
    {
      ...may('write'),
      schema: {
        summary: 'Change a method',
        tags: ['Design'],
        params: MethodParams,
        body: MethodChanges,
        response: { 200: SavedMethod },
      },
    },
    (request, reply) => {
      const expected = expectedVersion(request)
      return withVersion(runner, request, reply, serviceOf(request), (unit) =>
        updateMethod(unit, request.params.serviceId, request.params.methodId, request.body, expected),
      )
    },
  )

  api.delete(
    '/services/:serviceId/methods/:methodId',
    {
      ...may('write'),
      schema: { summary: 'Delete a method', tags: ['Design'], params: MethodParams, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        deleteMethod(unit, request.params.serviceId, request.params.methodId, expected),
      )
      return reply.code(204).send(null)
    },
  )
}

function shown({ plugins, backend }: EffectiveNode) {
  return {
    plugins: plugins.map(({ attachment, origin, isMoved: moved }) => ({ ...attachment, moved, origin })),
    backend,
  }
}
