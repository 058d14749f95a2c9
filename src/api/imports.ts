import { Type } from '#bundles/typebox'
import { importOpenApi } from '../control/import-openapi.ts'
import { EXPECTED } from '../lib/expected.ts'
import { BackendUrl } from '../model/backend.ts'
import { Deployment } from '../model/deployment.ts'
import { Invalid } from '../model/errors.ts'
import { ImportChange, ImportCounts, ImportNote } from '../model/import.ts'
import { Service } from '../model/service.ts'
import { Stage, StageName } from '../model/stage.ts'
import { type Api, type ApiContext, callerOf, mayOnSome } from './context.ts'

/** A document of 16 MiB, in JSON strings. */
const BODY_LIMIT = 20 * 1024 * 1024

const ImportRequest = Type.Object(
  {
    service: Service.properties.name,
    document: Type.Optional(
      Type.String({ description: 'The Swagger 2.0, OpenAPI 3.0 or 3.1 document, JSON or YAML, as text.' }),
    ),
    url: Type.Optional(
      Type.String({
        description: 'Where the document is fetched from, in the place of "document".',
        pattern: '^https?://',
        [EXPECTED]: 'a URL that begins with http:// or https://',
        maxLength: 2048,
      }),
    ),
    mode: Type.Enum(['merge', 'replace'], {
      description: '`merge` keeps what the document does not have; `replace` removes it.',
      default: 'merge',
    }),
    stage: Type.Optional(StageName),
    backendUrl: Type.Optional(BackendUrl),
    deploy: Type.Boolean({ description: 'Deploy the stage afterwards.', default: false }),
    note: Type.String({ description: 'Note of the deployment.', maxLength: 2000, default: '' }),
    version: Type.Optional(
      Type.Integer({
        description:
          'The `baseVersion` that a dry run has answered with: where the service has changed since, nothing is done and the answer is 412.',
        minimum: 0,
      }),
    ),
    dryRun: Type.Boolean({ description: 'Only say what would be done.', default: false }),
  },
  { additionalProperties: false },
)
const ImportResult = Type.Object({
  service: Service,
  stage: Type.Union([Stage, Type.Null()]),
  plan: ImportCounts,
  changes: Type.Array(ImportChange, { description: 'All that it does, or would do.' }),
  notes: Type.Array(ImportNote, { description: 'What was not carried over, or was changed: the fidelity report.' }),
  deployment: Type.Union([Deployment, Type.Null()]),
  hosts: Type.Array(Type.String(), { description: 'Host names of the stage.' }),
  baseVersion: Type.Integer({
    description: 'The version of the service that the plan is a change of; 0 where there is no such service yet.',
  }),
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
    async (request) => {
      const { document, url, ...others } = request.body
      const { changes, notes, ...result } = await importOpenApi(runner, deployer, callerOf(request), {
        ...others,
        document: sourceOf({ document, url }),
      })
      return { ...result, changes: [...changes], notes: [...notes] }
    },
  )
}

function sourceOf({
  document,
  url,
}: {
  document: string | undefined
  url: string | undefined
}): string | { url: string } {
  if (document !== undefined && url === undefined) return document
  if (url !== undefined && document === undefined) return { url }
  throw new Invalid('Either "document" or "url" says what is imported.', [
    { path: '/document', message: 'Give the text of the document here, or its address as "url", and not both.' },
  ])
}
