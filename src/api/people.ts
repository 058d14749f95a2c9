import { Type } from '#bundles/typebox'
import { createUser, deleteUser, findUser, resetPassword, updateUser } from '../control/users.ts'
import { hashPassword } from '../lib/passwords.ts'
import { Grants, Password, User } from '../model/access.ts'
import { type Api, type ApiContext, actorOf, Changes, etag, expectedVersion, may, mayUnversioned } from './context.ts'

const UserParams = Type.Object({ userId: Type.String({ description: 'Id of the user.', minLength: 1, maxLength: 64 }) })
const { role, serviceRoles } = Grants.properties
const NewUser = Type.Object(
  {
    name: User.properties.name,
    password: Password,
    role: Type.Optional(role),
    serviceRoles: Type.Optional(serviceRoles),
  },
  { additionalProperties: false },
)
const UserChanges = Changes({ role, serviceRoles })
const NewPassword = Type.Object({ password: Password }, { additionalProperties: false })
const UserList = Type.Object({ items: Type.Array(User) })

export function peopleRoutes(api: Api, { runner }: ApiContext): void {
  api.get(
    '/users',
    {
      ...may('admin'),
      schema: { summary: 'List users', tags: ['People'], response: { 200: UserList } },
    },
    async (request) => ({ items: await runner.inTransaction(actorOf(request), (unit) => unit.users.list()) }),
  )

  api.post(
    '/users',
    {
      ...may('admin'),
      schema: { summary: 'Create a user', tags: ['People'], body: NewUser, response: { 201: User } },
    },
    async (request, reply) => {
      const { password, ...given } = request.body
      const hash = await hashPassword(password)
      const user = await runner.inTransaction(actorOf(request), (unit) => createUser(unit, given, hash))
      return reply.code(201).header('etag', etag(user)).send(user)
    },
  )

  api.get(
    '/users/:userId',
    {
      ...may('admin'),
      schema: { summary: 'Read a user', tags: ['People'], params: UserParams, response: { 200: User } },
    },
    async (request, reply) => {
      const user = await runner.inTransaction(actorOf(request), (unit) => findUser(unit, request.params.userId))
      return reply.header('etag', etag(user)).send(user)
    },
  )

  api.patch(
    '/users/:userId',
    {
      ...may('admin'),
      schema: {
        summary: 'Change what a user may do',
        description: 'The last admin stays one.',
        tags: ['People'],
        params: UserParams,
        body: UserChanges,
        response: { 200: User },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const user = await runner.inTransaction(actorOf(request), (unit) =>
        updateUser(unit, request.params.userId, request.body, expected),
      )
      return reply.header('etag', etag(user)).send(user)
    },
  )

  api.delete(
    '/users/:userId',
    {
      ...may('admin'),
      schema: {
        summary: 'Delete a user',
        description: 'With all sessions and tokens. The last admin cannot be deleted.',
        tags: ['People'],
        params: UserParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      await runner.inTransaction(actorOf(request), (unit) => deleteUser(unit, request.params.userId, expected))
      return reply.code(204).send(null)
    },
  )

  api.put(
    '/users/:userId/password',
    {
      ...mayUnversioned('admin'),
      schema: {
        summary: 'Set the password of a user',
        description: 'All sessions of the user end.',
        tags: ['People'],
        params: UserParams,
        body: NewPassword,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const hash = await hashPassword(request.body.password)
      await runner.inTransaction(actorOf(request), (unit) => resetPassword(unit, request.params.userId, hash))
      return reply.code(204).send(null)
    },
  )
}
