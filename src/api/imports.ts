import { Type } from 'typebox'
import { importOpenApi } from '../control/import-openapi.ts'
import { BackendUrl } from '../model/backend.ts'
import { Deployment } from '../model/deployment.ts'
import { Service } from '../model/service.ts'
import { Stage, StageName } from '../model/stage.ts'
import { type Api, type ApiContext, callerOf, mayOnSome } from './context.ts'

/** A document of 16 MiB, in JSON strings. */
const BODY_LIMIT = 20 * 1024 * 1024

const count = (description: string) => Type.Integer({ description })
const ImportRequest = Type.Object(
  {
    service: Service.properties.name,
    document: Type.String({ description: 'The OpenAPI 3.0 or 3.1 document, JSON or YAML, as text.' }),
    mode: Type.Enum(['merge', 'replace'], {
      description: '`merge` keeps what the document does not have; `replace` removes it.',
      default: 'merge',
    }),
    stage: Type.Optional(StageName),
    backendUrl: Type.Optional(BackendUrl),
    deploy: Type.Boolean({ description: 'Deploy the stage afterwards.', default: false }),
    note: Type.String({ description: 'Note of the deployment.', maxLength: 2000, default: '' }),
    dryRun: Type.Boolean({ description: 'Only say what would be done.', default: false }),
  },
  { additionalProperties: false },
)
const ImportResult = Type.Object({
  service: Service,
  stage: Type.Union([Stage, Type.Null()]),
  plan: Type.Object({
    createdResources: count('Paths made.'),
    createdMethods: count('Methods made.'),
    updatedMethods: count('Methods changed.'),
    removedMethods: count('Methods removed.'),
    removedResources: count('Paths removed.'),
    unchangedMethods: count('Methods that were so already.'),
  }),
  warnings: Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
    description: 'What was not carried over.',
  }),
  deployment: Type.Union([Deployment, Type.Null()]),
  hosts: Type.Array(Type.String(), { description: 'Host names of the stage.' }),
})

export function importRoutes(api: Api, { runner, deployer }: ApiContext): void {
  api.post(
    '/imports',
    {
      ...mayOnSome('write'),
      bodyLimit: BODY_LIMIT,
      schema: {
        summary: 'Import an OpenAPI document, and deploy it',
        tags: ['Design'],
        body: ImportRequest,
        response: { 200: ImportResult },
      },
    },
    (request) => importOpenApi(runner, deployer, callerOf(request), request.body),
  )
}
