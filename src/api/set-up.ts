import { Type } from '#bundles/typebox'
import { Password, User } from '../model/access.ts'
import { type Api, type ApiContext, etag, may } from './context.ts'
import { setSessionCookie } from './sessions.ts'

const FirstUser = Type.Object(
  {
    token: Type.String({ description: 'Of the set-up link that the program prints when it starts.', maxLength: 200 }),
    name: User.properties.name,
    password: Password,
  },
  { additionalProperties: false },
)

export function setUpRoutes(api: Api, { setUp }: ApiContext): void {
  api.post(
    '/setup',
    {
      ...may('public'),
      schema: {
        summary: 'Make the first user',
        description: 'Only while there is none. The user is an admin, and is logged in.',
        tags: ['People'],
        body: FirstUser,
        response: { 201: User },
      },
    },
    async (request, reply) => {
      const { token, ...first } = request.body
      const session = await setUp.run(token, first)
      setSessionCookie(request, reply, session)
      return reply.code(201).header('etag', etag(session.user)).send(session.user)
    },
  )
}
