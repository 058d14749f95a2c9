/** What gRPC says in words of HTTP (the protocol's document "gRPC over HTTP2"). */

const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 0.001, n: 0.000_001 }

/** The time that a `grpc-timeout` gives, in milliseconds; null where it is not valid. */
export function grpcTimeoutMs(value: string): number | null {
  const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? []
  if (amount === undefined || unit === undefined) return null
  return Math.ceil(Number(amount) * (UNITS_MS[unit] ?? 0))
}
