import type { RecentRequest } from '../../api/model.ts'

/** What tells requests apart: clients may send the same id twice. */
export const requestKey = ({ id, receivedAt, worker }: RecentRequest) => `${id} ${receivedAt} ${worker}`

/** Both in one list, each request once. */
export function merged(followed: readonly RecentRequest[], listed: readonly RecentRequest[]): readonly RecentRequest[] {
  if (followed.length === 0) return listed
  const seen = new Set(followed.map(requestKey))
  return [...followed, ...listed.filter((request) => !seen.has(requestKey(request)))]
}
