import type { FrontPlan } from '../../src/gateway/front/addresses.ts'

/** A gateway that listens on one port of loopback, without TLS. */
export function plainFront(port: number): FrontPlan {
  return {
    host: '127.0.0.1',
    port,
    tls: null,
    socketPath: null,
    proxyProtocol: [],
    handshakeTimeoutMs: 10_000,
    maxHandshakes: 1_000,
  }
}
