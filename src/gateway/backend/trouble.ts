import { grpcNameOf } from '../../plugins/grpc-statuses.ts'
import type { ReplyCode } from '../../plugins/replies.ts'

/**
 * What became of a request or a check at a target, as one number, so that it fits into shared memory: a status, or what kept it
 * from being one; or a status of gRPC.
 */
export type Trouble = number

export const NO_TROUBLE = 0

/** What can happen instead of an answer; the number of each is its place. */
const KINDS = [
  '',
  'it could not be connected to',
  'it did not accept a connection in time',
  'it closed the connection before it answered',
  'its answer was not valid HTTP',
  'it did not answer in time',
] as const

const CODES: Readonly<Partial<Record<ReplyCode, Trouble>>> = {
  'backend-unreachable': 1,
  'backend-connect-timeout': 2,
  'backend-closed': 3,
  'backend-malformed': 4,
  'backend-timeout': 5,
}

/** Above all kinds, and with every code of gRPC below the statuses of HTTP. */
const GRPC = 50

/** The trouble that a code of gRPC tells of. */
export function grpcTrouble(code: string): Trouble {
  return GRPC + Number(code)
}

/** The trouble that a failed request tells of; `NO_TROUBLE` where it tells nothing of the target. */
export function troubleOf(code: ReplyCode): Trouble {
  return CODES[code] ?? NO_TROUBLE
}

/** The same in words; null for no trouble. */
export function describeTrouble(trouble: Trouble): string | null {
  if (trouble >= 100) return `it answered ${trouble}`
  if (trouble >= GRPC) return `it answered with ${grpcNameOf(trouble - GRPC) ?? 'a failure'} in grpc-status`
  return KINDS[trouble] || null
}
