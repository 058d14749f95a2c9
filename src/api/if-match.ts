import type { RouteOptions } from 'fastify'
import { EXPECTED } from '../lib/expected.ts'

/** What the document of the API tells of `If-Match`: once, for every operation that takes it. */
export const IfMatch = {
  type: 'object',
  properties: {
    'If-Match': {
      type: 'string',
      pattern: '^(?:"\\d+"|\\*)$',
      [EXPECTED]: 'an ETag in its quotes, or *',
      description:
        'The ETag of what is changed, or of the whole that it is part of, as a read or a write has answered with it: where somebody else has changed that since, nothing is done and the answer is 412. Without it, or with `*`, the change is made whatever was there.',
      examples: ['"12"'],
    },
  },
} as const

/** Whether a route changes something that is there already and has a version; those without one say so. */
export function takesIfMatch({ method, url, config }: RouteOptions): boolean {
  const isChange = ['PUT', 'PATCH', 'DELETE'].includes(String(method)) || (method === 'POST' && url.includes('/:'))
  return isChange && config?.isUnversioned !== true
}
