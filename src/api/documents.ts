import { Type } from '#bundles/typebox'
import { exportDesign, exportFormats, readApiDocument, readPublicApiDocument } from '../control/api-document.ts'
import { type Api, type ApiContext, actorOf, etag, may, ServiceParams, StageParams } from './context.ts'

const OpenApiDocument = Type.Object({}, { description: 'An OpenAPI document.', additionalProperties: true })

export function documentRoutes(api: Api, { runner, deployer, gateway: { port, tlsPort } }: ApiContext): void {
  const gateway = { baseDomain: deployer.baseDomain, port, tlsPort }

  api.get(
    '/services/:serviceId/openapi',
    {
      ...may('read'),
      schema: {
        summary: 'Export a design as an OpenAPI document',
        description:
          'With plugins, backends and gateway responses in `x-turnpike`: importing it gives exactly this design.',
        tags: ['Design'],
        params: ServiceParams,
        querystring: Type.Object({
          format: Type.Enum(exportFormats, { description: 'What to write.', default: 'openapi-3.1' }),
        }),
        response: { 200: OpenApiDocument },
      },
    },
    async (request, reply) => {
      const { document, service } = await runner.inTransaction(actorOf(request), (unit) =>
        exportDesign(unit, request.params.serviceId, request.query.format),
      )
      return reply.header('etag', etag(service)).send(document)
    },
  )

  api.get(
    '/services/:serviceId/stages/:stageId/openapi',
    {
      ...may('read'),
      schema: {
        summary: 'Read the API document of what is live',
        description: 'For clients: no backends, no plugins.',
        tags: ['Stages'],
        params: StageParams,
        response: { 200: OpenApiDocument },
      },
    },
    async (request, reply) => {
      const { serviceId, stageId } = request.params
      const { document, stage } = await runner.inTransaction(actorOf(request), (unit) =>
        readApiDocument(unit, serviceId, stageId, gateway),
      )
      return reply.header('etag', etag(stage)).send(document)
    },
  )

  api.get(
    '/documents/:serviceName/:stageName',
    {
      ...may('public'),
      schema: {
        summary: 'Read the API document of a stage that makes it public',
        description: 'The same as for those who may read the service, for everybody, where `publicDocument` is set.',
        tags: ['Stages'],
        params: Type.Object({
          serviceName: Type.String({ description: 'Name of the service.', maxLength: 64 }),
          stageName: Type.String({ description: 'Name of the stage.', maxLength: 64 }),
        }),
        response: { 200: OpenApiDocument },
      },
    },
    (request) =>
      runner.inTransaction(actorOf(request), (unit) =>
        readPublicApiDocument(unit, request.params.serviceName, request.params.stageName, gateway),
      ),
  )
}
