import { type Static, Type } from '#bundles/typebox'

const count = (description: string) => Type.Integer({ description })
const time = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], {
    description: `${description} Milliseconds since the Unix epoch, or null.`,
  })

/** How one target is, over all workers of a node. */
export const TargetState = Type.Object({
  url: Type.String(),
  weight: count('Share of the requests.'),
  state: Type.Enum(['unchecked', 'healthy', 'unhealthy', 'ejected'], {
    description:
      '`unhealthy` by active checks, `ejected` by failures of requests; `unchecked` where the backend has no health settings.',
  }),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it was left out last; null if it never was.' }),
  since: time('When it was left out or came back last.'),
  ejectedUntil: time('When it comes back at the earliest.'),
  ejections: count('How often failures of requests have taken it out.'),
  lastCheck: Type.Union([Type.Object({ at: Type.Integer(), result: Type.String() }), Type.Null()], {
    description: 'The last active check; null before the first.',
  }),
  connections: count('Open connections.'),
  idle: count('Those of them that are not in use.'),
  underWay: count('Requests that it is answering.'),
  waiting: count('Requests that wait for it, because it has as many as it may have.'),
  requests: count('Requests that were sent to it, since the program started.'),
  failures: count('Those of them that were not answered as they should have been.'),
  refused: count('Requests that found it at its limit and the queue full, or waited too long.'),
})
export type TargetState = Static<typeof TargetState>

/** How the targets of one backend are. */
export const BackendState = Type.Object({
  name: Type.String({ description: '`default` for that of the stage; those of nodes are called by their URLs.' }),
  targets: Type.Array(TargetState),
})
export type BackendState = Static<typeof BackendState>
