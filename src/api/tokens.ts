import { Type } from '#bundles/typebox'
import { createToken, deleteOwnToken, deleteToken, listTokens } from '../control/tokens.ts'
import { ApiToken } from '../model/access.ts'
import { type Api, type ApiContext, callerOf, may, mayUnversioned } from './context.ts'

const { name, role, serviceRoles, expiresAt } = ApiToken.properties
const TokenParams = Type.Object({
  tokenId: Type.String({ description: 'Id of the token.', minLength: 1, maxLength: 64 }),
})
const NewToken = Type.Object(
  {
    name,
    role: Type.Optional(role),
    serviceRoles: Type.Optional(serviceRoles),
    expiresAt: Type.Optional(expiresAt),
  },
  { additionalProperties: false },
)
const CreatedToken = Type.Object({
  token: ApiToken,
  value: Type.String({ description: 'What is sent as "Authorization: Bearer VALUE". Shown this once.' }),
})
const TokenList = Type.Object({ items: Type.Array(ApiToken) })

export function tokenRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/tokens',
    {
      ...may('authenticated'),
      schema: {
        summary: 'List tokens',
        description: 'Admins see all, others their own.',
        tags: ['People'],
        response: { 200: TokenList },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      return { items: await runner.inTransaction(caller.name, (unit) => listTokens(unit, caller)) }
    },
  )

  api.post(
    '/tokens',
    {
      ...may('authenticated'),
      schema: {
        summary: 'Create a token',
        description: 'With no more rights than the caller has. It belongs to the caller, and goes with them.',
        tags: ['People'],
        body: NewToken,
        response: { 201: CreatedToken },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const created = await runner.inTransaction(caller.name, (unit) => createToken(unit, caller, request.body))
      return reply.code(201).send(created)
    },
  )

  api.delete(
    '/tokens/current',
    {
      ...mayUnversioned('authenticated'),
      schema: { summary: 'Revoke the token of this call', tags: ['People'], response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      await runner.inTransaction(caller.name, (unit) => deleteOwnToken(unit, caller))
      return reply.code(204).send(null)
    },
  )

  api.delete(
    '/tokens/:tokenId',
    {
      ...mayUnversioned('authenticated'),
      schema: {
        summary: 'Revoke a token',
        description: 'At once. Admins revoke any, others their own.',
        tags: ['People'],
        params: TokenParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      await runner.inTransaction(caller.name, (unit) => deleteToken(unit, caller, request.params.tokenId))
      return reply.code(204).send(null)
    },
  )
}
