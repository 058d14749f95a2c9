import { Type } from '#bundles/typebox'
import { deleteAlert, listAlerts, listStageAlerts, putAlert, readAlert } from '../control/alerts.ts'
import { Alert, AlertName, AlertRule, alertSecretLength } from '../model/alert.ts'
import {
  type Api,
  type ApiContext,
  actorOf,
  callerOf,
  etag,
  expectedVersion,
  may,
  mayOnSome,
  StageParams,
} from './context.ts'

const tags = ['Alerts']
const AlertList = Type.Object({ items: Type.Array(Alert) })
const AlertParams = Type.Object({ ...StageParams.properties, alertName: AlertName })
const AlertFields = Type.Object(
  {
    ...AlertRule.properties,
    secret: Type.Optional(
      Type.Union([Type.String(alertSecretLength), Type.Null()], {
        title: 'Secret',
        description:
          'What messages to the webhook are signed with; never told again. Left out, it stays; null takes it away.',
      }),
    ),
  },
  { additionalProperties: false },
)

export function alertRoutes(api: Api, { runner, alertWatch }: ApiContext): void {
  api.get(
    '/alerts',
    {
      ...mayOnSome('read'),
      schema: {
        summary: 'List alerts of all stages',
        description: 'Of those that the caller may read.',
        tags,
        response: { 200: AlertList },
      },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) => listAlerts(unit, callerOf(request), alertWatch)),
    }),
  )

  api.get(
    '/services/:serviceId/stages/:stageId/alerts',
    {
      ...may('read'),
      schema: { summary: 'List the alerts of a stage', tags, params: StageParams, response: { 200: AlertList } },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) => listStageAlerts(unit, request.params, alertWatch)),
    }),
  )

  api.get(
    '/services/:serviceId/stages/:stageId/alerts/:alertName',
    {
      ...may('read'),
      schema: { summary: 'Read an alert', tags, params: AlertParams, response: { 200: Alert } },
    },
    async (request, reply) => {
      const alert = await runner.inTransaction(actorOf(request), (unit) =>
        readAlert(unit, request.params, request.params.alertName, alertWatch),
      )
      return reply.header('etag', etag(alert)).send(alert)
    },
  )

  api.put(
    '/services/:serviceId/stages/:stageId/alerts/:alertName',
    {
      ...may('write'),
      schema: {
        summary: 'Set an alert rule',
        description: 'Made, or put in the place of that of its name. It holds at once, without a deployment.',
        tags,
        params: AlertParams,
        body: AlertFields,
        response: { 200: Alert },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const alert = await runner.inTransaction(actorOf(request), (unit) =>
        putAlert(unit, request.params, request.params.alertName, request.body, expected, Date.now()),
      )
      return reply.header('etag', etag(alert)).send(alert)
    },
  )

  api.delete(
    '/services/:serviceId/stages/:stageId/alerts/:alertName',
    {
      ...may('write'),
      schema: { summary: 'Delete an alert rule', tags, params: AlertParams, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      await runner.inTransaction(actorOf(request), (unit) =>
        deleteAlert(unit, request.params, request.params.alertName, expected),
      )
      return reply.code(204).send(null)
    },
  )
}
