import * as support from '../../tests/support/turnpike.ts'
import type { Subject } from './subject.ts'

/** The real program with one worker, and its management API. */
export interface Turnpike extends Subject {
  /** Its data folder. */
  readonly data: string
  /** What it has printed so far. */
  output(): string
  /** Calls the management API as an admin; throws with the answer where it is not a success. */
  api(method: string, path: string, body?: unknown): Promise<support.Json>
  /** Ends it as a power failure would, and gives back how to start it again on the same data. */
  crash(): Promise<() => Promise<Turnpike>>
}

/** Starts Turnpike on a data folder of its own. */
export async function startTurnpike(name = 'turnpike', env: Readonly<Record<string, string>> = {}): Promise<Turnpike> {
  return asSubject(name, await support.startTurnpike({ args: ['--workers', '1'], env }))
}

function asSubject(name: string, turnpike: support.Turnpike): Turnpike {
  return {
    name,
    port: turnpike.gatewayPort,
    tlsPort: turnpike.tlsPort,
    pid: turnpike.pid,
    data: turnpike.data,
    output: turnpike.output,
    async api(method, path, body) {
      const answer = await turnpike.api(method, path, body)
      if (answer.status < 300) return answer.body
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    },
    async stop() {
      await turnpike.stop()
    },
    async crash() {
      await turnpike.kill()
      return async () => asSubject(name, await turnpike.again())
    },
  }
}
