import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '#bundles/typebox'
import { permissions, permissionsOf } from '../control/access.ts'
import { logIn, logOut, type NewSession, SESSION_MS } from '../control/sessions.ts'
import { changePassword } from '../control/users.ts'
import { Grants, Password, User } from '../model/access.ts'
import { Conflict } from '../model/errors.ts'
import { type Api, type ApiContext, callerOf, may, mayUnversioned } from './context.ts'
import { SESSION_COOKIE } from './guard.ts'

const Login = Type.Object(
  {
    name: Type.String({ title: 'Name', description: 'Of the user.', maxLength: 100 }),
    password: Type.String({ title: 'Password', description: 'Of the user.', maxLength: 256 }),
  },
  { additionalProperties: false },
)
const NewPassword = Type.Object(
  { current: Type.String({ description: 'The one of now.', maxLength: 256 }), next: Password },
  { additionalProperties: false },
)
const PermissionName = Type.Enum(permissions)
const Me = Type.Object({
  name: Type.String({
    description: 'Of the user; `token:NAME` for a token that belongs to nobody; `local` for the CLI on this machine.',
  }),
  userId: Type.Union([User.properties.id, Type.Null()], { description: 'null for a token that belongs to nobody.' }),
  ...Grants.properties,
  permissions: Type.Object(
    {
      everywhere: Type.Array(PermissionName, { description: 'On everything.' }),
      onServices: Type.Record(Type.String(), Type.Array(PermissionName), {
        description: 'What comes to that on single services, by their ids.',
      }),
    },
    { description: 'What the caller may do: compare with `x-permission` of an operation.' },
  ),
})

/** Has the browser keep a session: out of reach of scripts, and only for pages of this server (RFC 6265bis). */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, { value }: NewSession): void {
  reply.setCookie(SESSION_COOKIE, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    maxAge: SESSION_MS / 1000,
  })
}

export function sessionRoutes(api: Api, { runner, throttle }: ApiContext): void {
  api.post(
    '/sessions',
    {
      config: { permission: 'public', isLogin: true },
      schema: { summary: 'Log in', tags: ['People'], body: Login, response: { 201: User } },
    },
    async (request, reply) => {
      const session = await logIn(runner, throttle, { ...request.body, address: request.ip })
      setSessionCookie(request, reply, session)
      return reply.code(201).send(session.user)
    },
  )

  api.delete(
    '/sessions/current',
    {
      ...mayUnversioned('authenticated'),
      schema: { summary: 'Log out', tags: ['People'], response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const { userId, name, isCookie } = callerOf(request)
      const value = request.cookies[SESSION_COOKIE]
      if (!isCookie || userId === null || value === undefined)
        throw new Conflict('There is no session to end: a token is revoked by deleting it.')
      await runner.inTransaction(name, (unit) => logOut(unit, userId, value))
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send(null)
    },
  )

  api.get(
    '/me',
    {
      ...may('authenticated'),
      schema: { summary: 'Show who calls, and what they may do', tags: ['People'], response: { 200: Me } },
    },
    async (request) => {
      const { name, userId, role, serviceRoles } = callerOf(request)
      return { name, userId, role, serviceRoles, permissions: permissionsOf({ role, serviceRoles }) }
    },
  )

  api.put(
    '/me/password',
    {
      config: { permission: 'authenticated', isLogin: true, isUnversioned: true },
      schema: {
        summary: 'Change your own password',
        description: 'All your other sessions end.',
        tags: ['People'],
        body: NewPassword,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { userId, isCookie } = callerOf(request)
      if (userId === null) throw new Conflict('This token belongs to no user, so there is no password to change.')
      const session = await changePassword(runner, throttle, userId, {
        ...request.body,
        address: request.ip,
        goesOn: isCookie,
      })
      if (session !== null) setSessionCookie(request, reply, session)
      return reply.code(204).send(null)
    },
  )
}
