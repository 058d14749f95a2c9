import { Type } from '#bundles/typebox'
import { visibleServices } from '../control/access.ts'
import { createService } from '../control/create-service.ts'
import { deleteService } from '../control/delete-service.ts'
import { findService } from '../control/find.ts'
import { listServices, serviceOrders } from '../control/list-services.ts'
import { updateService } from '../control/update-service.ts'
import { Service } from '../model/service.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  Changes,
  callerOf,
  etag,
  expectedVersion,
  may,
  mayOnSome,
  Page,
  ServiceParams,
} from './context.ts'

const { name, description } = Service.properties
const NewService = Type.Object({ name, description: Type.Optional(description) }, { additionalProperties: false })
const ServiceChanges = Changes({ name, description })
const ServiceQuery = Type.Object({
  q: Type.String({
    description: 'Only services that have this text in name or description, in whatever case.',
    maxLength: 200,
    default: '',
  }),
  sort: Type.Enum([...serviceOrders], {
    description: 'By what they are sorted; with a minus the other way round.',
    default: 'name',
  }),
  limit: Page.limit,
  after: Type.String({
    description: 'The `next` of the page before. In the order of names that is the last name.',
    maxLength: 255,
    default: '',
  }),
})
const ServiceList = Type.Object({
  items: Type.Array(Service),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'What to give as `after` for the next page; null on the last one.',
  }),
})

export function serviceRoutes(api: Api, { runner, publisher }: ApiContext): void {
  api.get(
    '/services',
    {
      ...mayOnSome('read'),
      schema: {
        summary: 'List services, or search for some',
        tags: ['Services'],
        querystring: ServiceQuery,
        response: { 200: ServiceList },
      },
    },
    (request) => {
      const { q: search, sort: order, after, limit } = request.query
      const ids = visibleServices(callerOf(request))
      return runner.inTransaction(actorOf(request), (unit) => listServices(unit, { search, order, after, limit, ids }))
    },
  )

  api.post(
    '/services',
    {
      ...may('write'),
      schema: { summary: 'Create a service', tags: ['Services'], body: NewService, response: { 201: Service } },
    },
    async (request, reply) => {
      const service = await runner.inTransaction(actorOf(request), (unit) => createService(unit, request.body))
      return reply.code(201).header('etag', etag(service)).send(service)
    },
  )

  api.get(
    '/services/:serviceId',
    {
      ...may('read'),
      schema: { summary: 'Read a service', tags: ['Services'], params: ServiceParams, response: { 200: Service } },
    },
    async (request, reply) => {
      const service = await runner.inTransaction(actorOf(request), (unit) =>
        findService(unit, request.params.serviceId),
      )
      return reply.header('etag', etag(service)).send(service)
    },
  )

  api.patch(
    '/services/:serviceId',
    {
      ...may('write'),
      schema: {
        summary: 'Change a service',
        tags: ['Services'],
        params: ServiceParams,
        body: ServiceChanges,
        response: { 200: Service },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const service = await runner.inTransaction(actorOf(request), (unit) =>
        updateService(unit, request.params.serviceId, request.body, expected),
      )
      return reply.header('etag', etag(service)).send(service)
    },
  )

  api.delete(
    '/services/:serviceId',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a service',
        tags: ['Services'],
        params: ServiceParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const stages = await runner.inTransaction(actorOf(request), (unit) =>
        deleteService(unit, request.params.serviceId, expected),
      )
      for (const { id } of stages) await publisher.withdraw(id)
      return reply.code(204).send(null)
    },
  )
}
