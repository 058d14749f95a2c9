import { Type } from '#bundles/typebox'
import { findService, findStage } from '../control/find.ts'
import { BackendState } from '../model/backend-state.ts'
import { type Api, type ApiContext, actorOf, may, StageParams } from './context.ts'

const BackendStates = Type.Object({
  nodes: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      backends: Type.Array(BackendState, { description: 'Of what is live; empty where nothing is.' }),
    }),
  ),
})

export function backendRoutes(api: Api, { runner, publisher }: ApiContext): void {
  api.get(
    '/services/:serviceId/stages/:stageId/backends',
    {
      ...may('read'),
      schema: {
        summary: 'Read how the targets of a stage are',
        tags: ['Stages'],
        params: StageParams,
        response: { 200: BackendStates },
      },
    },
    async (request) => {
      const { serviceId, stageId } = request.params
      const { id } = await runner.inTransaction(actorOf(request), async (unit) =>
        findStage(unit, await findService(unit, serviceId), stageId),
      )
      return { nodes: [{ ...publisher.node, backends: [...publisher.backends(id)] }] }
    },
  )
}
