import { type Static, Type } from '#bundles/typebox'
import { ExplainedRequest } from './explanation.ts'

const { method, target, headers, body } = ExplainedRequest.properties

/** A request that is sent through the gateway as a client would send it. */
export const SentRequest = Type.Object({ method, target, headers, body }, { additionalProperties: false })
export type SentRequest = Static<typeof SentRequest>

/** The answer, as a client gets it. */
export const ReceivedAnswer = Type.Object({
  status: Type.Integer(),
  headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  body: Type.String({ description: 'Up to 1 MiB of it, as UTF-8.' }),
  isCut: Type.Boolean({ description: 'Whether there was more.' }),
  durationMs: Type.Number({ description: 'From the request to the end of the answer.' }),
})
export type ReceivedAnswer = Static<typeof ReceivedAnswer>
