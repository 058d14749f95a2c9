import { TimeWheel } from '../../lib/time-wheel.ts'
import type { Client, GatewayExchange } from '../exchange.ts'
import type { BackendLink } from './backend-link.ts'
import type { BackendEvents } from './connection.ts'
import { defaultBackendLimits, type PoolParts } from './pool.ts'

/** What the backend side needs of the others, for its tests: nothing happens, or it is written down. */

const nothing = () => undefined

/** A client that nobody hears of. */
export const nobody: Client = {
  address: '192.0.2.1',
  isTrusted: false,
  scheme: 'http',
  tls: null,
  forwardingLines: '',
  readBody: nothing,
  pauseBody: nothing,
  resumeBody: nothing,
  limitTotal: nothing,
  writeInformational: nothing,
  writeWhole: nothing,
  writeHead: nothing,
  writeBody: nothing,
  end: nothing,
  abort: nothing,
}

/** A link that writes down what it is sent. */
export class FakeLink implements BackendLink {
  /** Path and query that it was begun with. */
  path = ''
  sent = ''
  isEnded = false
  isAbandoned = false
  begin(_x: GatewayExchange, path: string): void {
    this.path = path
  }
  writeBody(chunk: Buffer, start: number, end: number): void {
    this.sent += chunk.toString('latin1', start, end)
  }
  endBody(): void {
    this.isEnded = true
  }
  flow(): void {}
  pause(): void {}
  resume(): void {}
  abandon(): void {
    this.isAbandoned = true
  }
}

/** A clock that a test moves, and a wheel that goes by it. */
export class FakeClock {
  now = 1_000_000
  readonly wheel = new TimeWheel(() => this.now, 100)

  /** Lets time go by, tick after tick. */
  pass(ms: number): void {
    const end = this.now + ms
    while (this.now < end) {
      this.now = Math.min(end, this.now + 100)
      this.wheel.tick()
    }
  }
}

/** What became of exchanges. */
export class Outcomes implements BackendEvents {
  readonly failures: [x: GatewayExchange, code: string][] = []

  informational(): void {
    // Not looked at.
  }

  head(): void {
    // Not looked at.
  }

  body(): void {
    // Not looked at.
  }

  end(): void {
    // Not looked at.
  }

  switched(): void {
    // Not looked at.
  }

  failed(x: GatewayExchange, code: string): void {
    this.failures.push([x, code])
  }
}

/** The parts of pools that connect to nothing by themselves. */
export function poolParts(clock: FakeClock, more: Partial<PoolParts> = {}): PoolParts {
  return {
    wheel: clock.wheel,
    limits: defaultBackendLimits,
    events: new Outcomes(),
    vault: { open: (sealed) => sealed },
    permissions: { socketFolders: [] },
    resolver: null,
    healthMemory: null,
    limitsOf: null,
    now: () => clock.now,
    ...more,
  }
}
