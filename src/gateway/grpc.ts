import type { HeaderList } from '../lib/headers/header-list.ts'

/**
 * What gRPC says in words of HTTP (the protocol's document "gRPC over HTTP2"). Its clients look at `grpc-status`, not at a status
 * of HTTP or a body: a refusal is a head alone, with status 200 ("Trailers-Only").
 */

const INVALID_ARGUMENT = 3
const DEADLINE_EXCEEDED = 4
const PERMISSION_DENIED = 7
const RESOURCE_EXHAUSTED = 8
const UNIMPLEMENTED = 12
const INTERNAL = 13
const UNAVAILABLE = 14
const UNAUTHENTICATED = 16

/** Codes of gRPC by statuses of HTTP. What gRPC itself has no word for is `UNKNOWN`, below. */
const CODES: Readonly<Record<number, number>> = {
  400: INVALID_ARGUMENT,
  401: UNAUTHENTICATED,
  403: PERMISSION_DENIED,
  404: UNIMPLEMENTED,
  405: UNIMPLEMENTED,
  408: DEADLINE_EXCEEDED,
  413: RESOURCE_EXHAUSTED,
  414: INVALID_ARGUMENT,
  415: INVALID_ARGUMENT,
  417: INVALID_ARGUMENT,
  421: UNAVAILABLE,
  429: RESOURCE_EXHAUSTED,
  431: RESOURCE_EXHAUSTED,
  500: INTERNAL,
  501: UNIMPLEMENTED,
  502: UNAVAILABLE,
  503: UNAVAILABLE,
  504: DEADLINE_EXCEEDED,
}
export const UNKNOWN = 2

/** Whether a request is a call of gRPC; not one of gRPC-Web, whose clients read HTTP. */
export function isGrpc(headers: HeaderList): boolean {
  const type = headers.get('content-type')
  return type !== undefined && /^application\/grpc(?:[+;]|$)/i.test(type)
}

/** The code of gRPC that says best what a status of HTTP says. */
export function grpcCode(status: number): number {
  return CODES[status] ?? UNKNOWN
}

/** Fills in a refusal, whose head is the whole answer. Returns the status of HTTP that it has. */
export function fillGrpcStatus(headers: HeaderList, status: number, message: string): number {
  headers.set('Content-Type', 'application/grpc')
  headers.set('grpc-status', String(grpcCode(status)))
  headers.set('grpc-message', encodeMessage(message))
  return 200
}

/** Percent-encoded UTF-8, as far as the document asks for it. */
function encodeMessage(message: string): string {
  return [...Buffer.from(message, 'utf8')]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== PERCENT
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}

const PERCENT = 0x25

const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 0.001, n: 0.000_001 }

/** The time that a `grpc-timeout` gives, in milliseconds; null where it is not valid. */
export function grpcTimeoutMs(value: string): number | null {
  const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? []
  if (amount === undefined || unit === undefined) return null
  return Math.ceil(Number(amount) * (UNITS_MS[unit] ?? 0))
}
