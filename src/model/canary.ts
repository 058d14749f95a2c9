import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Deployment } from './deployment.ts'

/** By what a request belongs to one side for as long as the canary runs. */
export const CanaryBy = Type.Enum(['client-ip', 'header', 'cookie'], {
  title: 'By',
  description:
    'What keeps a caller on one side: the client address, the value of a header (such as that of an API key), or of a cookie. A request without that header or cookie goes by its address.',
  default: 'client-ip',
  examples: ['header'],
})

/** What is set of a canary. */
export const canaryFields = {
  share: Type.Number({
    title: 'Share',
    description: 'Percent of the callers that the canary serves, in hundredths.',
    minimum: 0,
    maximum: 100,
    multipleOf: 0.01,
    examples: [5],
  }),
  by: CanaryBy,
  name: Type.Union(
    [
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        [EXPECTED]: 'the name of a header or a cookie, without spaces',
      }),
      Type.Null(),
    ],
    {
      title: 'Name',
      description: 'Of the header or cookie; null where it goes by the address.',
      default: null,
      examples: ['x-api-key'],
    },
  ),
}

/** A deployment that serves a share of a stage's callers, beside the one that is live. */
export const Canary = Type.Object({
  deployment: Type.Integer({ title: 'Deployment', description: 'Its number.' }),
  deploymentId: Deployment.properties.id,
  ...canaryFields,
  startedAt: Type.String({ description: 'ISO 8601, UTC.' }),
})
export type Canary = Static<typeof Canary>

/** How callers are shared out, and by what the sides are counted. The id of the canary's deployment makes each canary choose others. */
export interface CanaryTerms extends Pick<Canary, 'share' | 'by' | 'name'> {
  readonly deploymentId: string
  readonly liveDeploymentId: string
}

/** How the data plane is to share out callers. */
export function termsOf({ deploymentId, share, by, name }: Canary, liveDeploymentId: string): CanaryTerms {
  return { share, by, name, deploymentId, liveDeploymentId }
}

/** What one side has done since the canary started, as this process has seen it. */
export const SideTotals = Type.Object({
  calls: Type.Integer({ description: 'Requests that have ended.' }),
  clientErrors: Type.Integer({ description: 'Of those, answered with 4xx.' }),
  serverErrors: Type.Integer({ description: 'Of those, answered with 5xx.' }),
  aborted: Type.Integer({ description: 'Of those, whose client went before the answer was complete.' }),
  totalMs: Type.Number({ description: 'All their times together, in milliseconds.' }),
})
export type SideTotals = Static<typeof SideTotals>

/** Both sides. */
export const SideComparison = Type.Object({ live: SideTotals, canary: SideTotals })
export type SideComparison = Static<typeof SideComparison>
