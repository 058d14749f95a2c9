import { Type } from '#bundles/typebox'
import { snapshotToExplain } from '../control/explain-request.ts'
import { findService, findStage } from '../control/find.ts'
import { firstHost, sendRequest } from '../control/send-request.ts'
import { ExplainedRequest, Explanation } from '../model/explanation.ts'
import { ReceivedAnswer, SentRequest } from '../model/sent-request.ts'
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

export function explainRoutes(api: Api, { runner, explain, deployer, gateway }: ApiContext): void {
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

  api.post(
    '/services/:serviceId/stages/:stageId/send',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Send a request to a stage',
        description: 'Through the gateway of this node, as a client would: it is counted and logged as any other.',
        tags: ['Stages'],
        params: StageParams,
        body: SentRequest,
        response: { 200: ReceivedAnswer },
      },
    },
    async (request) => {
      const { serviceId, stageId } = request.params
      const host = await runner.inTransaction(actorOf(request), async (unit) => {
        const service = await findService(unit, serviceId)
        return firstHost(service, await findStage(unit, service, stageId), deployer.baseDomain)
      })
      return sendRequest(gateway, host, request.body)
    },
  )
}
