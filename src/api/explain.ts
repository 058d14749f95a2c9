import { Type } from 'typebox'
import { snapshotToExplain } from '../control/explain-request.ts'
import { ExplainedRequest, Explanation } from '../model/explanation.ts'
import { type Api, type ApiContext, actorOf, mayUnversioned, StageParams } from './context.ts'

const ExplainRequest = Type.Object(
  {
    request: ExplainedRequest,
    against: Type.Union(
      [Type.Enum(['live', 'stage', 'draft']), Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })],
      {
        description:
          'What is live, the stage as it is, the stage with the draft applied, or the number of a deployment.',
        default: 'live',
      },
    ),
    call: Type.Boolean({ description: 'Really call the backend.', default: false }),
  },
  { additionalProperties: false },
)

export function explainRoutes(api: Api, { runner, explain, deployer }: ApiContext): void {
  api.post(
    '/services/:serviceId/stages/:stageId/explain',
    {
      // With `call` it makes the gateway send a request; it changes nothing.
      ...mayUnversioned('write'),
      schema: {
        summary: 'Explain what a stage does with a request',
        tags: ['Stages'],
        params: StageParams,
        body: ExplainRequest,
        response: { 200: Explanation },
      },
    },
    async (request) => {
      const { serviceId, stageId } = request.params
      const { against, call } = request.body
      const snapshot = await runner.inTransaction(actorOf(request), (unit) =>
        snapshotToExplain(unit, serviceId, stageId, against, deployer.baseDomain),
      )
      return explain(snapshot, request.body.request, call)
    },
  )
}
