import { Type } from '#bundles/typebox'
import { findService } from '../control/find.ts'
import {
  createPolicy,
  deletePolicy,
  deletePolicyValue,
  readPolicy,
  setPolicyValue,
  updatePolicy,
} from '../control/policies.ts'
import { KeyValue, Policy, PolicyValue } from '../model/policy.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  Changes,
  etag,
  expectedVersion,
  JsonSchema,
  may,
  ServiceParams,
  serviceOf,
  withVersion,
} from './context.ts'

/** Of JSON: ten thousand values, each with a list of some dozen networks. */
const BODY_LIMIT = 16 * 1024 * 1024

const { name, description, key, requestsPerSecond, unlisted, remainingHeader, values } = Policy.properties
const PolicyParams = Type.Object({
  ...ServiceParams.properties,
  policyName: Type.String({ description: 'Name of the policy.', minLength: 1, maxLength: 100 }),
})
const ValueParams = Type.Object({ ...PolicyParams.properties, value: KeyValue })
const NewPolicy = Type.Object(
  {
    name,
    key,
    description: Type.Optional(description),
    requestsPerSecond: Type.Optional(requestsPerSecond),
    unlisted: Type.Optional(unlisted),
    remainingHeader: Type.Optional(remainingHeader),
    values: Type.Optional(values),
  },
  { additionalProperties: false },
)
const PolicyChanges = Changes({ description, key, requestsPerSecond, unlisted, remainingHeader, values })
const NewValue = Type.Object(
  {
    requestsPerSecond: PolicyValue.properties.requestsPerSecond,
    networks: PolicyValue.properties.networks,
  },
  { additionalProperties: false },
)
const { values: _, ...own } = Policy.properties
const PolicyList = Type.Object({
  items: Type.Array(Type.Object({ ...own, valueCount: Type.Integer({ description: 'How many values it has.' }) })),
  schema: JsonSchema('Of a policy, its values included.'),
})
const schema = { ...Policy } as unknown as Record<string, unknown>
const PolicyWithUses = Type.Object({
  ...Policy.properties,
  usedBy: Type.Array(Type.String(), {
    description:
      'Where it is in use: `GET /pets` in the draft, `/pets on stage live`, `deployment 3, live on stage live`.',
  }),
})

export function policyRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/services/:serviceId/policies',
    {
      ...may('read'),
      schema: {
        summary: 'List restriction policies',
        description: 'Without their values.',
        tags: ['Restriction policies'],
        params: ServiceParams,
        response: { 200: PolicyList },
      },
    },
    (request, reply) =>
      withVersion(runner, request, reply, serviceOf(request), async (unit) => ({
        items: await unit.policies.summariesOf((await findService(unit, request.params.serviceId)).id),
        schema,
      })),
  )

  api.post(
    '/services/:serviceId/policies',
    {
      ...may('write'),
      bodyLimit: BODY_LIMIT,
      schema: {
        summary: 'Create a restriction policy',
        tags: ['Restriction policies'],
        params: ServiceParams,
        body: NewPolicy,
        response: { 201: Policy },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { policy, service } = await runner.inTransaction(actorOf(request), (unit) =>
        createPolicy(unit, request.params.serviceId, request.body, expected),
      )
      return reply.code(201).header('etag', etag(service)).send(policy)
    },
  )

  api.get(
    '/services/:serviceId/policies/:policyName',
    {
      ...may('read'),
      schema: {
        summary: 'Read a restriction policy, and where it is in use',
        tags: ['Restriction policies'],
        params: PolicyParams,
        response: { 200: PolicyWithUses },
      },
    },
    async (request, reply) => {
      const { serviceId, policyName } = request.params
      const { policy, usedBy, service } = await runner.inTransaction(actorOf(request), (unit) =>
        readPolicy(unit, serviceId, policyName),
      )
      return reply.header('etag', etag(service)).send({ ...policy, usedBy })
    },
  )

  api.patch(
    '/services/:serviceId/policies/:policyName',
    {
      ...may('write'),
      bodyLimit: BODY_LIMIT,
      schema: {
        summary: 'Change a restriction policy',
        description: 'It takes effect where a stage is deployed. `values` takes the place of all that are there.',
        tags: ['Restriction policies'],
        params: PolicyParams,
        body: PolicyChanges,
        response: { 200: Policy },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, policyName } = request.params
      const { policy, service } = await runner.inTransaction(actorOf(request), (unit) =>
        updatePolicy(unit, serviceId, policyName, request.body, expected),
      )
      return reply.header('etag', etag(service)).send(policy)
    },
  )

  api.delete(
    '/services/:serviceId/policies/:policyName',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a restriction policy',
        description: 'One that is in use cannot be deleted.',
        tags: ['Restriction policies'],
        params: PolicyParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, policyName } = request.params
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        deletePolicy(unit, serviceId, policyName, expected),
      )
      return reply.code(204).send(null)
    },
  )

  api.put(
    '/services/:serviceId/policies/:policyName/values/:value',
    {
      ...may('write'),
      schema: {
        summary: 'Set a value of a restriction policy',
        description: 'Adds the value where it is not there; all others stay as they are.',
        tags: ['Restriction policies'],
        params: ValueParams,
        body: NewValue,
        response: { 200: PolicyValue },
      },
    },
    (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, policyName, value } = request.params
      return withVersion(runner, request, reply, serviceOf(request), (unit) =>
        setPolicyValue(unit, serviceId, policyName, { ...request.body, value }, expected),
      )
    },
  )

  api.delete(
    '/services/:serviceId/policies/:policyName/values/:value',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a value of a restriction policy',
        tags: ['Restriction policies'],
        params: ValueParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, policyName, value } = request.params
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        deletePolicyValue(unit, serviceId, policyName, value, expected),
      )
      return reply.code(204).send(null)
    },
  )
}
