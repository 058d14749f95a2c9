import { queryOptions } from '@tanstack/react-query'
import { answer, api, versioned } from '../../api/client.ts'

/** All users. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: () => answer(api.GET('/api/v1/users')),
})

export const readUser = (userId: string) =>
  versioned(api.GET('/api/v1/users/{userId}', { params: { path: { userId } } }))

/** One user, with the ETag. */
export const userQuery = (userId: string) =>
  queryOptions({ queryKey: ['users', userId], queryFn: () => readUser(userId) })
