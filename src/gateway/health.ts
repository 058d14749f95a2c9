import type { Reply } from '../plugins/plugin.ts'
import type { GatewayRequest } from './exchange.ts'

/**
 * `/livez` and `/readyz` on the port of the gateway, for load balancers and the like. They ask under the address of the machine or a
 * name of their own; so these paths are answered where no stage has the host, and no stage ever loses a path to them. What is
 * told is for strangers: whether this worker takes requests, and nothing of what is behind it.
 */

/** What a worker says of itself: `leaving` from the moment when the program is to end. */
export type WorkerHealth = 'ready' | 'leaving'

const JSON_TYPE = ['Content-Type', 'application/json'] as const
const NOT_STORED = ['Cache-Control', 'no-store'] as const

const answers: Readonly<Record<string, Readonly<Record<WorkerHealth, Reply>>>> = {
  '/livez': {
    ready: answer(200, 'ok', 'The worker runs.'),
    leaving: answer(200, 'ok', 'The worker runs, and is about to end.'),
  },
  '/readyz': {
    ready: answer(200, 'ok', 'The worker takes requests.'),
    leaving: answer(503, 'unavailable', 'The program is about to end: send requests elsewhere.'),
  },
}

/** The answer to a question about the worker's health; null for every other request. */
export function healthAnswer({ method, path }: GatewayRequest, health: WorkerHealth): Reply | null {
  if (method !== 'GET' && method !== 'HEAD') return null
  return answers[path]?.[health] ?? null
}

function answer(status: number, word: string, reason: string): Reply {
  const check = { name: 'worker', status: status === 200 ? 'ok' : 'failing', reason }
  return { status, headers: [JSON_TYPE, NOT_STORED], body: JSON.stringify({ status: word, checks: [check] }) }
}
