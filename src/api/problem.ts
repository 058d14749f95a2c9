import type { FastifyError, FastifyReply } from 'fastify'
import { expectedMessage, type SchemaFault } from '../lib/expected.ts'
import {
  Conflict,
  Forbidden,
  Invalid,
  LostUpdate,
  NotFound,
  TooManyAttempts,
  Unauthenticated,
  Unavailable,
  UseCaseError,
} from '../model/errors.ts'
import type { Problem } from '../plugins/plugin.ts'

/** An error as the API tells it (RFC 9457). */
export interface ProblemDetails {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Stable, for machines. */
  readonly code: string
  /** Every wrong field: JSON Pointer and message. */
  readonly errors?: readonly Problem[]
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Makes problem details. */
export function problem(status: number, code: string, detail: string, errors?: readonly Problem[]): ProblemDetails {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail, code, ...(errors && { errors }) }
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, details: ProblemDetails): FastifyReply {
  // RFC 9110, section 15.5.2: a 401 says how one may prove who one is.
  if (details.status === 401) reply.header('www-authenticate', 'Bearer realm="turnpike"')
  return reply.code(details.status).type('application/problem+json').serializer(JSON.stringify).send(details)
}

/** Which status each error of a use case has: the only place that says so. */
function statusOf(error: UseCaseError): number {
  if (error instanceof NotFound) return 404
  if (error instanceof Conflict) return 409
  if (error instanceof LostUpdate) return 412
  if (error instanceof Invalid) return 422
  if (error instanceof Forbidden) return 403
  if (error instanceof Unauthenticated) return 401
  if (error instanceof TooManyAttempts) return 429
  return error instanceof Unavailable ? 503 : 500
}

/** An error as problem details; null for one that nobody expected, of which only the log may know more. */
export function toProblem(error: unknown): ProblemDetails | null {
  if (error instanceof UseCaseError)
    return problem(statusOf(error), error.code, error.message, error instanceof Invalid ? error.problems : undefined)
  if (!isFastifyError(error)) return null
  if (error.validation !== undefined)
    return problem(
      400,
      'invalid-request',
      'The request does not fit the schema: see "errors".',
      error.validation.map(toFieldProblem),
    )
  const status = error.statusCode ?? 500
  if (status >= 500) return null
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return problem(413, 'too-large', 'The request body is larger than this operation takes.')
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return problem(415, 'unsupported-media-type', 'The body must be JSON: send Content-Type: application/json.')
  return problem(status, 'bad-request', error.message)
}

function toFieldProblem(fault: SchemaFault & { readonly instancePath: string }): Problem {
  const { instancePath, params, keyword } = fault
  if (keyword === 'additionalProperties')
    return {
      path: `${instancePath}/${String(params.additionalProperty)}`,
      message: 'is not a known field: leave it out.',
    }
  if (keyword === 'required')
    return { path: `${instancePath}/${String(params.missingProperty)}`, message: 'is required.' }
  if (keyword === 'minProperties') return { path: instancePath, message: 'has no field: name what is to change.' }
  if (keyword === 'discriminator')
    return {
      path: `${instancePath}/${String(params.tag)}`,
      message: `"${String(params.tagValue)}" is not one of the kinds that there are: see /api/v1/openapi.json.`,
    }
  return { path: instancePath, message: `${expectedMessage(fault)}.` }
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error
}
