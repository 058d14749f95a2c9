import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import type { Explanation, Stage } from '../../api/model.ts'
import { hostsOf } from '../stage/address.ts'
import { gatewayQuery } from '../stage/queries.ts'
import { type Composed, fieldsOf } from './composed.ts'
import { type Credentials, credentialFields } from './credentials.ts'
import { type Pair, targetOf } from './target.ts'
import type { Mode } from './try-page.tsx'

/** What a client would get. */
interface Answer {
  readonly status: number
  readonly headers: readonly Pair[]
  readonly body: string
  readonly isCut: boolean
  readonly durationMs: number
}

/** What has come of a request. */
export interface Outcome {
  /** null where it was only explained. */
  readonly answer: Answer | null
  readonly explanation: Explanation | null
  /** Why what was sent could not be explained. */
  readonly explainError: Error | null
}

export interface Attempt extends Mode {
  readonly composed: Composed
  readonly credentials: Credentials
}

/** A request whole: with what shows who sends it. */
export interface WholeRequest {
  readonly method: string
  readonly target: string
  readonly headers: Pair[]
  readonly body: string
}

/** Tries requests: sends them as a client would and explains them, or only explains them. */
export function useTry(service: string, stage: Stage): UseMutationResult<Outcome, Error, Attempt> {
  const queries = useQueryClient()
  return useMutation({
    async mutationFn(attempt) {
      const { baseDomain } = await queries.ensureQueryData(gatewayQuery)
      const [host = ''] = hostsOf(service, stage, baseDomain)
      const request = await wholeRequest(attempt.composed, attempt.credentials, host, new Date())
      if (attempt.isDry) {
        const explanation = await explain(service, stage.name, request, attempt)
        return { answer: null, explanation, explainError: null }
      }
      const sent = await send(service, stage.name, request)
      return { answer: sent, ...(await explained(service, stage.name, request)) }
    },
  })
}

/** What was sent is explained as well: a failure of that takes nothing from the answer. */
async function explained(service: string, stage: string, request: WholeRequest) {
  try {
    const explanation = await explain(service, stage, request, { against: 'live', call: false })
    return { explanation, explainError: null }
  } catch (error) {
    return { explanation: null, explainError: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** A request as it is sent at a moment. */
export async function wholeRequest(
  composed: Composed,
  credentials: Credentials,
  host: string,
  now: Date,
): Promise<WholeRequest> {
  const { method, path, query, body } = composed
  const request = { method, target: targetOf(path, query), headers: fieldsOf(composed), body }
  const shown = await credentialFields(credentials, { ...request, host }, now)
  return { ...request, headers: [...request.headers, ...shown] }
}

const send = (serviceId: string, stageId: string, body: WholeRequest): Promise<Answer> =>
  answer(
    api.POST('/api/v1/services/{serviceId}/stages/{stageId}/send', { params: { path: { serviceId, stageId } }, body }),
  )

function explain(
  serviceId: string,
  stageId: string,
  request: WholeRequest,
  { against, call }: Pick<Mode, 'against' | 'call'>,
): Promise<Explanation> {
  return answer(
    api.POST('/api/v1/services/{serviceId}/stages/{stageId}/explain', {
      params: { path: { serviceId, stageId } },
      body: { request: { ...request, clientIp: '127.0.0.1' }, against: whatOf(against), call },
    }),
  )
}

/** Against what: by its name, or a number. */
function whatOf(against: string): 'live' | 'stage' | 'draft' | number {
  return against === 'live' || against === 'stage' || against === 'draft' ? against : Number(against)
}
