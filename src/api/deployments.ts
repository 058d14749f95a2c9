import { Type } from 'typebox'
import { findDeployment, listDeployments, readSnapshot } from '../control/read-deployments.ts'
import { Deployment } from '../model/deployment.ts'
import { type Api, type ApiContext, actorOf, DeploymentParams, may, StageParams } from './context.ts'

const NewDeployment = Type.Object({ note: Type.Optional(Deployment.properties.note) }, { additionalProperties: false })
const DeploymentList = Type.Object({ items: Type.Array(Deployment) })
const History = Type.Object({
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
  before: Type.Integer({
    description: 'Only those with a lower number.',
    minimum: 1,
    default: Number.MAX_SAFE_INTEGER,
  }),
})

export function deploymentRoutes(api: Api, { runner, deployer }: ApiContext): void {
  api.get(
    '/services/:serviceId/stages/:stageId/deployments',
    {
      ...may('read'),
      schema: {
        summary: 'List deployments',
        tags: ['Deployments'],
        params: StageParams,
        querystring: History,
        response: { 200: DeploymentList },
      },
    },
    async (request) => {
      const { params, query } = request
      return {
        items: await runner.inTransaction(actorOf(request), (unit) =>
          listDeployments(unit, params.serviceId, params.stageId, query.before, query.limit),
        ),
      }
    },
  )

  api.post(
    '/services/:serviceId/stages/:stageId/deployments',
    {
      ...may('write'),
      schema: {
        summary: 'Deploy a stage',
        tags: ['Deployments'],
        params: StageParams,
        body: NewDeployment,
        response: { 201: Deployment },
      },
    },
    async (request, reply) => {
      const { serviceId, stageId } = request.params
      return reply.code(201).send(await deployer.deploy(actorOf(request), serviceId, stageId, request.body.note ?? ''))
    },
  )

  api.get(
    '/services/:serviceId/stages/:stageId/deployments/:number',
    {
      ...may('read'),
      schema: {
        summary: 'Read a deployment',
        tags: ['Deployments'],
        params: DeploymentParams,
        response: { 200: Deployment },
      },
    },
    (request) =>
      runner.inTransaction(actorOf(request), (unit) =>
        findDeployment(unit, request.params.serviceId, request.params.stageId, request.params.number),
      ),
  )

  api.get(
    '/services/:serviceId/stages/:stageId/deployments/:number/snapshot',
    {
      ...may('read'),
      schema: {
        summary: 'Read the snapshot of a deployment',
        tags: ['Deployments'],
        params: DeploymentParams,
        response: { 200: Type.Unknown({ description: 'The snapshot, as canonical JSON.' }) },
      },
    },
    async (request, reply) => {
      const json = await runner.inTransaction(actorOf(request), (unit) =>
        readSnapshot(unit, request.params.serviceId, request.params.stageId, request.params.number),
      )
      return reply.type('application/json').serializer(String).send(json)
    },
  )
}
