import { Type } from '#bundles/typebox'
import {
  connectPlan,
  createPlan,
  deletePlan,
  disconnectPlan,
  findPlan,
  listPlans,
  updatePlan,
} from '../control/plans.ts'
import { Plan, PlanStage } from '../model/plan.ts'
import { type Api, type ApiContext, actorOf, Changes, etag, expectedVersion, may, mayUnversioned } from './context.ts'

const { name, description, requestsPerSecond, burst, quota } = Plan.properties
const fields = { name, description, requestsPerSecond, burst, quota }
const NewPlan = Type.Object(
  {
    name,
    description: Type.Optional(description),
    requestsPerSecond: Type.Optional(requestsPerSecond),
    burst: Type.Optional(burst),
    quota: Type.Optional(quota),
  },
  { additionalProperties: false },
)
const PlanChanges = Changes(fields)
const planId = Type.String({ description: 'Id or name of the plan.', minLength: 1, maxLength: 64 })
const PlanParams = Type.Object({ planId })
// Not `serviceId`: a role on one service is not enough to say who may call it.
const PlanStageParams = Type.Object({
  planId,
  service: Type.String({ description: 'Id or name of the service.', minLength: 1, maxLength: 64 }),
  stage: Type.String({ description: 'Id or name of the stage.', minLength: 1, maxLength: 64 }),
})
const PlanListQuery = Type.Object({
  stageId: Type.Optional(
    Type.String({ description: 'Only plans that are connected to the stage of this id.', minLength: 1, maxLength: 64 }),
  ),
})
const PlanList = Type.Object({ items: Type.Array(Plan) })
const PlanStageList = Type.Object({ items: Type.Array(PlanStage) })

export function planRoutes(api: Api, { runner, liveKeys }: ApiContext): void {
  api.get(
    '/plans',
    {
      ...may('read'),
      schema: {
        summary: 'List usage plans',
        tags: ['Keys and plans'],
        querystring: PlanListQuery,
        response: { 200: PlanList },
      },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) => listPlans(unit, request.query)),
    }),
  )

  api.post(
    '/plans',
    {
      ...may('write'),
      schema: { summary: 'Create a usage plan', tags: ['Keys and plans'], body: NewPlan, response: { 201: Plan } },
    },
    async (request, reply) => {
      const plan = await runner.inTransaction(actorOf(request), (unit) => createPlan(unit, request.body))
      await liveKeys.refreshPlans([plan.id])
      return reply.code(201).header('etag', etag(plan)).send(plan)
    },
  )

  api.get(
    '/plans/:planId',
    {
      ...may('read'),
      schema: { summary: 'Read a usage plan', tags: ['Keys and plans'], params: PlanParams, response: { 200: Plan } },
    },
    async (request, reply) => {
      const plan = await runner.inTransaction(actorOf(request), (unit) => findPlan(unit, request.params.planId))
      return reply.header('etag', etag(plan)).send(plan)
    },
  )

  api.patch(
    '/plans/:planId',
    {
      ...may('write'),
      schema: {
        summary: 'Change a usage plan',
        description:
          'It holds at once, for all keys that are subscribed through it. Another quota keeps what was used; none forgets it.',
        tags: ['Keys and plans'],
        params: PlanParams,
        body: PlanChanges,
        response: { 200: Plan },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const plan = await runner.inTransaction(actorOf(request), (unit) =>
        updatePlan(unit, request.params.planId, request.body, expected),
      )
      await liveKeys.refreshPlans([plan.id])
      return reply.header('etag', etag(plan)).send(plan)
    },
  )

  api.delete(
    '/plans/:planId',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a usage plan',
        description: 'One that is connected to a stage cannot be deleted.',
        tags: ['Keys and plans'],
        params: PlanParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const plan = await runner.inTransaction(actorOf(request), (unit) =>
        deletePlan(unit, request.params.planId, expected),
      )
      await liveKeys.refreshPlans([plan.id])
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/plans/:planId/stages',
    {
      ...may('read'),
      schema: {
        summary: 'List the stages that a usage plan is connected to',
        tags: ['Keys and plans'],
        params: PlanParams,
        response: { 200: PlanStageList },
      },
    },
    async (request) =>
      runner.inTransaction(actorOf(request), async (unit) => {
        const plan = await findPlan(unit, request.params.planId)
        return { items: await unit.plans.stagesOf(plan.id) }
      }),
  )

  api.put(
    '/plans/:planId/stages/:service/:stage',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Connect a usage plan to a stage',
        description: 'So that keys can be subscribed to the stage through the plan.',
        tags: ['Keys and plans'],
        params: PlanStageParams,
        response: { 200: PlanStageList },
      },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) =>
        connectPlan(unit, request.params.planId, request.params),
      ),
    }),
  )

  api.delete(
    '/plans/:planId/stages/:service/:stage',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Disconnect a usage plan from a stage',
        description: 'Not as long as keys are subscribed to the stage through the plan.',
        tags: ['Keys and plans'],
        params: PlanStageParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await runner.inTransaction(actorOf(request), (unit) =>
        disconnectPlan(unit, request.params.planId, request.params),
      )
      return reply.code(204).send(null)
    },
  )
}
