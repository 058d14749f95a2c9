import { Type } from '#bundles/typebox'
import { readLint } from '../control/read-lint.ts'
import { Finding } from '../model/lint.ts'
import { type Api, type ApiContext, actorOf, may, ServiceParams } from './context.ts'

export function lintRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/services/:serviceId/lint',
    {
      ...may('read'),
      schema: {
        summary: 'Show what is wrong with a design, or may not be meant',
        description: 'Errors stop a deployment.',
        tags: ['Design'],
        params: ServiceParams,
        querystring: Type.Object({
          stage: Type.Optional(
            Type.String({
              description: 'Id or name of a stage: with the design that it runs. The draft without.',
              maxLength: 64,
            }),
          ),
          apply: Type.Boolean({ description: 'Of the stage, with the draft applied to it.', default: false }),
        }),
        response: { 200: Type.Object({ items: Type.Array(Finding) }) },
      },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) =>
        readLint(unit, request.params.serviceId, request.query.stage ?? null, request.query),
      ),
    }),
  )
}
