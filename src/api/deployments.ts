import { Type } from '#bundles/typebox'
import { deleteDeployment } from '../control/delete-deployment.ts'
import { compareDeployments } from '../control/read-changes.ts'
import { listDeployments, readDeployment, readSnapshot } from '../control/read-deployments.ts'
import { restoreDeployment } from '../control/restore-deployment.ts'
import { Activation, Deployment } from '../model/deployment.ts'
import { Stage } from '../model/stage.ts'
import { Change } from './changes.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  DeploymentNumber,
  DeploymentParams,
  etag,
  expectedVersion,
  may,
  StageParams,
  stageOf,
  withVersion,
} from './context.ts'

const NewDeployment = Type.Object(
  {
    note: Type.Optional(Deployment.properties.note),
    apply: Type.Boolean({ description: 'Apply the draft to the stage first.', default: false }),
  },
  { additionalProperties: false },
)
const Comparison = Type.Object({
  from: DeploymentNumber('Number of the one deployment.'),
  to: DeploymentNumber('Number of the other.'),
})
const DeploymentWithNodes = Type.Object({
  ...Deployment.properties,
  nodes: Type.Array(Activation, { description: 'How it stands on each node.' }),
})
const DeploymentList = Type.Object({ items: Type.Array(Deployment) })
const History = Type.Object({
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
  before: Type.Integer({
    description: 'Only those with a lower number.',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
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
      const { note = '', apply } = request.body
      const expected = expectedVersion(request)
      const { deployment, version } = await deployer.deploy(actorOf(request), serviceId, stageId, {
        note,
        apply,
        expected,
      })
      return reply.code(201).header('etag', etag({ version })).send(deployment)
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
        response: { 200: DeploymentWithNodes },
      },
    },
    (request, reply) =>
      withVersion(runner, request, reply, stageOf(request), (unit) =>
        readDeployment(unit, request.params.serviceId, request.params.stageId, request.params.number),
      ),
  )

  api.delete(
    '/services/:serviceId/stages/:stageId/deployments/:number',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a deployment',
        description: 'The live one and the base of the stage cannot be deleted.',
        tags: ['Deployments'],
        params: DeploymentParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { serviceId, stageId, number } = request.params
      const expected = expectedVersion(request)
      await withVersion(runner, request, reply, stageOf(request), (unit) =>
        deleteDeployment(unit, serviceId, stageId, number, expected),
      )
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/services/:serviceId/stages/:stageId/deployments/compare',
    {
      ...may('read'),
      schema: {
        summary: 'Compare two deployments',
        tags: ['Deployments'],
        params: StageParams,
        querystring: Comparison,
        response: { 200: Type.Object({ items: Type.Array(Change) }) },
      },
    },
    async (request) => {
      const { serviceId, stageId } = request.params
      const { from, to } = request.query
      return {
        items: await runner.inTransaction(actorOf(request), (unit) =>
          compareDeployments(unit, serviceId, stageId, from, to),
        ),
      }
    },
  )

  api.post(
    '/services/:serviceId/stages/:stageId/deployments/:number/roll-back',
    {
      ...may('write'),
      schema: {
        summary: 'Make a deployment live again',
        description: 'At once; the settings of the stage stay as they are.',
        tags: ['Deployments'],
        params: DeploymentParams,
        response: { 200: Deployment },
      },
    },
    async (request, reply) => {
      const { serviceId, stageId, number } = request.params
      const expected = expectedVersion(request)
      const { deployment, version } = await deployer.rollBack(actorOf(request), serviceId, stageId, number, expected)
      return reply.header('etag', etag({ version })).send(deployment)
    },
  )

  api.post(
    '/services/:serviceId/stages/:stageId/deployments/:number/restore',
    {
      ...may('write'),
      schema: {
        summary: 'Put the settings of a deployment back into its stage',
        description: 'For editing; what is live stays.',
        tags: ['Deployments'],
        params: DeploymentParams,
        response: { 200: Stage },
      },
    },
    async (request, reply) => {
      const { serviceId, stageId, number } = request.params
      const expected = expectedVersion(request)
      const stage = await runner.inTransaction(actorOf(request), (unit) =>
        restoreDeployment(unit, serviceId, stageId, number, expected),
      )
      return reply.header('etag', etag(stage)).send(stage)
    },
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
