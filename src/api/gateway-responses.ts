import { Type } from '#bundles/typebox'
import { findService } from '../control/find.ts'
import {
  assertGatewayResponse,
  listGatewayResponses,
  setGatewayResponse,
  setGatewayResponses,
} from '../control/gateway-responses.ts'
import { EXPECTED } from '../lib/expected.ts'
import { GatewayResponse, gatewayResponseNames } from '../model/gateway-response.ts'
import { Nullable } from '../model/nullable.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  expectedVersion,
  JsonSchema,
  may,
  mayUnversioned,
  ServiceParams,
  serviceOf,
  withVersion,
} from './context.ts'

const TypeParams = Type.Object({
  ...ServiceParams.properties,
  type: Type.Enum([...gatewayResponseNames], { description: 'Type of gateway response.' }),
})
const GatewayResponseList = Type.Object({
  items: Type.Array(
    Type.Object({
      type: Type.String(),
      defaultStatus: Type.Integer(),
      title: Type.String(),
      redefined: Type.Union([GatewayResponse, Type.Null()], { description: 'null for the default one.' }),
    }),
  ),
  schema: JsonSchema('Of what a type can be redefined to.'),
})
const schema = { ...GatewayResponse } as unknown as Record<string, unknown>
const Preset = Type.Object(
  { preset: Type.Union([Type.Literal('envelope'), Type.Null()], { description: 'null brings all defaults back.' }) },
  { additionalProperties: false },
)

const Preview = Type.Object(
  {
    response: Nullable(GatewayResponse, {
      title: 'Response',
      description: 'As it would be redefined; null for the default one.',
      default: null,
    }),
    accept: Type.String({
      description: '`Accept` of the request, which picks one of the bodies; empty for none.',
      maxLength: 1000,
      pattern: '^[\\t\\x20-\\x7e]*$',
      [EXPECTED]: 'printable ASCII',
      default: '',
    }),
  },
  { additionalProperties: false },
)
const PreviewedResponse = Type.Object({
  status: Type.Integer(),
  headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  body: Type.String(),
})

export function gatewayResponseRoutes(api: Api, { runner, previewResponse, deployer }: ApiContext): void {
  api.get(
    '/services/:serviceId/gateway-responses',
    {
      ...may('read'),
      schema: {
        summary: 'List gateway responses',
        tags: ['Gateway responses'],
        params: ServiceParams,
        response: { 200: GatewayResponseList },
      },
    },
    (request, reply) =>
      withVersion(runner, request, reply, serviceOf(request), async (unit) => ({
        items: await listGatewayResponses(unit, request.params.serviceId),
        schema,
      })),
  )

  api.put(
    '/services/:serviceId/gateway-responses',
    {
      ...may('write'),
      schema: {
        summary: 'Redefine all gateway responses by a preset, or reset them',
        tags: ['Gateway responses'],
        params: ServiceParams,
        body: Preset,
        response: { 200: GatewayResponseList },
      },
    },
    (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId } = request.params
      return withVersion(runner, request, reply, serviceOf(request), async (unit) => {
        await setGatewayResponses(unit, serviceId, request.body.preset, expected)
        return { items: await listGatewayResponses(unit, serviceId), schema }
      })
    },
  )

  api.put(
    '/services/:serviceId/gateway-responses/:type',
    {
      ...may('write'),
      schema: {
        summary: 'Redefine a gateway response',
        tags: ['Gateway responses'],
        params: TypeParams,
        body: GatewayResponse,
        response: { 200: GatewayResponse },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, type } = request.params
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        setGatewayResponse(unit, serviceId, type, request.body, expected),
      )
      return request.body
    },
  )

  api.post(
    '/services/:serviceId/gateway-responses/:type/preview',
    {
      ...mayUnversioned('read'),
      schema: {
        summary: 'Preview a gateway response',
        description: 'What the gateway would answer to a sample request. Nothing is saved.',
        tags: ['Gateway responses'],
        params: TypeParams,
        body: Preview,
        response: { 200: PreviewedResponse },
      },
    },
    async (request) => {
      const { serviceId, type } = request.params
      const { response, accept } = request.body
      const { name } = await runner.inTransaction(actorOf(request), (unit) => findService(unit, serviceId))
      if (response !== null) assertGatewayResponse(type, response)
      return previewResponse(type, response, { service: name, host: `${name}.${deployer.baseDomain}`, accept })
    },
  )

  api.delete(
    '/services/:serviceId/gateway-responses/:type',
    {
      ...may('write'),
      schema: {
        summary: 'Reset a gateway response to its default',
        tags: ['Gateway responses'],
        params: TypeParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { serviceId, type } = request.params
      await withVersion(runner, request, reply, serviceOf(request), (unit) =>
        setGatewayResponse(unit, serviceId, type, null, expected),
      )
      return reply.code(204).send(null)
    },
  )
}
