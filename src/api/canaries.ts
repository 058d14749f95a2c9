import { Type } from '#bundles/typebox'
import { Canaries } from '../control/canaries.ts'
import { findService, findStage } from '../control/find.ts'
import { findCanary } from '../control/find-canary.ts'
import { Canary, canaryFields, SideComparison } from '../model/canary.ts'
import { Deployment } from '../model/deployment.ts'
import { Invalid } from '../model/errors.ts'
import { Nullable } from '../model/nullable.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  DeploymentNumber,
  etag,
  expectedVersion,
  may,
  StageParams,
  stageOf,
  withVersion,
} from './context.ts'

const NewCanary = Type.Object(
  {
    ...canaryFields,
    deployment: Type.Union([DeploymentNumber('Number of a deployment of the past.'), Type.Null()], {
      description: 'The deployment that is to serve the share; null for a new one of the stage as it is.',
      default: null,
    }),
    note: Type.Optional(Deployment.properties.note),
    apply: Type.Boolean({ description: 'Apply the draft to the stage first.', default: false }),
  },
  { additionalProperties: false },
)
const CanaryShare = Type.Object({ share: canaryFields.share }, { additionalProperties: false })
const CanaryWithSides = Type.Object({
  ...Canary.properties,
  sides: Nullable(SideComparison, {
    title: 'Sides',
    description: 'What both sides have done since it started, or the program did.',
  }),
})

export function canaryRoutes(api: Api, { runner, publisher, deployer }: ApiContext): void {
  const canaries = new Canaries(runner, publisher, deployer)
  const path = '/services/:serviceId/stages/:stageId/canary'
  const refOf = (request: Parameters<typeof actorOf>[0] & { params: { serviceId: string; stageId: string } }) => ({
    actor: actorOf(request),
    service: request.params.serviceId,
    stage: request.params.stageId,
    expected: expectedVersion(request),
  })

  api.get(
    path,
    {
      ...may('read'),
      schema: {
        summary: 'Read the canary of a stage',
        tags: ['Deployments'],
        params: StageParams,
        response: { 200: CanaryWithSides },
      },
    },
    (request, reply) =>
      withVersion(runner, request, reply, stageOf(request), async (unit) => {
        const { serviceId, stageId } = request.params
        const stage = await findStage(unit, await findService(unit, serviceId), stageId)
        return { ...(await findCanary(unit, serviceId, stage)), sides: publisher.sides(stage.id) }
      }),
  )

  api.post(
    path,
    {
      ...may('write'),
      schema: {
        summary: 'Start a canary',
        description:
          'A deployment serves a share of the callers beside the one that is live. While it runs, the stage cannot be deployed or rolled back.',
        tags: ['Deployments'],
        params: StageParams,
        body: NewCanary,
        response: { 201: Canary },
      },
    },
    async (request, reply) => {
      const { note = '', ...given } = request.body
      assertNamed(given)
      const { canary, version } = await canaries.start(refOf(request), { ...given, note })
      return reply.code(201).header('etag', etag({ version })).send(canary)
    },
  )

  api.patch(
    path,
    {
      ...may('write'),
      schema: {
        summary: 'Change the share of a canary',
        description: 'A larger share moves callers to it, and nobody back.',
        tags: ['Deployments'],
        params: StageParams,
        body: CanaryShare,
        response: { 200: Canary },
      },
    },
    async (request, reply) => {
      const { canary, version } = await canaries.update(refOf(request), request.body.share)
      return reply.header('etag', etag({ version })).send(canary)
    },
  )

  api.delete(
    path,
    {
      ...may('write'),
      schema: {
        summary: 'Abort a canary',
        description: 'All callers are served by what is live. Its deployment stays in the history.',
        tags: ['Deployments'],
        params: StageParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { version } = await canaries.abort(refOf(request))
      return reply.code(204).header('etag', etag({ version })).send(null)
    },
  )

  api.post(
    `${path}/promote`,
    {
      ...may('write'),
      schema: {
        summary: 'Promote a canary',
        description: 'Its deployment becomes the live one, for all callers.',
        tags: ['Deployments'],
        params: StageParams,
        response: { 200: Deployment },
      },
    },
    async (request, reply) => {
      const { deployment, version } = await canaries.promote(refOf(request))
      return reply.header('etag', etag({ version })).send(deployment)
    },
  )
}

/** Throws `Invalid` where a name is missing, or means nothing. */
function assertNamed({ by, name }: Pick<Canary, 'by' | 'name'>): void {
  if (by !== 'client-ip' && name === null)
    throw new Invalid('The canary cannot be started.', [
      { path: '/name', message: `Name the ${by} that callers are told by.` },
    ])
  if (by === 'client-ip' && name !== null)
    throw new Invalid('The canary cannot be started.', [
      { path: '/name', message: 'A name means nothing where it goes by the client address: leave it out.' },
    ])
}
