import { Type } from '#bundles/typebox'

/** The statuses of gRPC by their codes, from 0 on. */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

/** The name of a status that is a failure. */
export type GrpcStatus = Exclude<(typeof NAMES)[number], 'OK'>

/** What says of a backend that it is not well; neither what a client can bring about, as by a deadline that is too short. */
export const GRPC_FAILURES: readonly GrpcStatus[] = ['UNKNOWN', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS']

/** The same for people who read settings. */
export const GRPC_FAILURES_TEXT = GRPC_FAILURES.map((name) => `\`${name}\``).join(', ')

export const grpcFailures = NAMES.filter((name): name is GrpcStatus => name !== 'OK')

/** A setting that is a list of failures. */
export function GrpcStatuses(title: string, description: string) {
  return Type.Array(Type.Enum(grpcFailures), { title, description, uniqueItems: true, examples: [['UNAVAILABLE']] })
}

/** The name of a code; null where it has none. */
export function grpcNameOf(code: number): string | null {
  return NAMES[code] ?? null
}

/** The codes of statuses, as `grpc-status` has them. */
export function grpcCodesOf(names: readonly GrpcStatus[]): ReadonlySet<string> {
  return new Set(names.map((name) => String(NAMES.indexOf(name))))
}
