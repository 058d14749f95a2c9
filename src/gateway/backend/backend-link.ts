import type { GatewayExchange, Upstream } from '../exchange.ts'

/** A connection to a backend, or one stream of it, as an exchange begins on it: whatever the version of HTTP. */
export interface BackendLink extends Upstream {
  /**
   * Sends the head of the request of `x`, for this path and query, and the body where it is at hand. A body that is not
   * follows through `writeBody`. What comes of it is told to the `BackendEvents` of the pools.
   */
  begin(x: GatewayExchange, path: string): void
}
