import { Type } from '#bundles/typebox'
import { findAuditEntry, readAudit } from '../control/read-audit.ts'
import { Id } from '../model/id.ts'
import { type Api, type ApiContext, actorOf, may } from './context.ts'

const text = (description: string) => Type.Optional(Type.String({ description, maxLength: 200 }))
const time = (description: string) => Type.Optional(Type.String({ description, format: 'date-time' }))
const AuditQuery = Type.Object({
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
  before: text('Id of the last entry of the page before.'),
  actor: text('Only what this user or token has done.'),
  action: text('Only such actions: create, update, delete, deploy …'),
  kind: text('Only of this kind of things: service, method, stage …'),
  objectId: text('Only about the thing of this id.'),
  service: text('Only about this service and what belongs to it: its name or id; the id also of one that is gone.'),
  from: time('Nothing before this moment: ISO 8601.'),
  to: time('Nothing from this moment on: ISO 8601.'),
})
const AuditEntry = Type.Object({
  id: Id,
  at: Type.String({ description: 'ISO 8601, UTC.' }),
  actor: Type.String({
    description:
      'Who: name of the user; `token:NAME` for a token that belongs to nobody; `local` for the CLI on this machine.',
  }),
  action: Type.String(),
  kind: Type.String(),
  objectId: Type.String(),
  serviceId: Type.Union([Id, Type.Null()], {
    description: 'The service that it is about, which may be gone; null for none.',
  }),
  service: Type.Union([Type.String(), Type.Null()], {
    description: 'The name of that service now; null where it is gone.',
  }),
  before: Type.Unknown({ description: 'null where there was nothing, or it is not told.' }),
  after: Type.Unknown({ description: 'null where there is nothing any more, or it is not told.' }),
})
const AuditLog = Type.Object({ items: Type.Array(AuditEntry, { description: 'The newest first.' }) })
const EntryParams = Type.Object({
  entryId: Type.String({ description: 'Id of the entry.', minLength: 1, maxLength: 64 }),
})

export function auditRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/audit',
    {
      ...may('admin'),
      schema: {
        summary: 'Read the audit log',
        description: 'Every change: who, when, what, before and after.',
        tags: ['People'],
        querystring: AuditQuery,
        response: { 200: AuditLog },
      },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) => readAudit(unit, request.query)),
    }),
  )

  api.get(
    '/audit/:entryId',
    {
      ...may('admin'),
      schema: {
        summary: 'Read an entry of the audit log',
        tags: ['People'],
        params: EntryParams,
        response: { 200: AuditEntry },
      },
    },
    (request) => runner.inTransaction(actorOf(request), (unit) => findAuditEntry(unit, request.params.entryId)),
  )
}
