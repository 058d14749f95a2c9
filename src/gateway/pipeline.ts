import type { Outcome } from '../plugins/plugin.ts'
import type { GatewayExchange } from './exchange.ts'

/**
 * Runs the plugins of a route. Handlers are walked in a plain loop; only one that returns a promise makes the rest wait,
 * and only then is a promise made here.
 */

/** Goes on when all request handlers have run: `reply` is the answer of the one that answered, if any. */
export type Continue = (x: GatewayExchange, reply: Outcome) => void

/** Told of a handler that threw or rejected: a fault of the plugin, and the request is refused. */
export type Fail = (x: GatewayExchange, error: unknown) => void

/** Runs the request handlers from `start` on, then calls `done`; `failed` if one throws. Late answers for an exchange that is over are dropped. */
export function runRequestHandlers(x: GatewayExchange, start: number, done: Continue, failed: Fail): void {
  const handlers = x.matched?.requestHandlers ?? []
  let reply: Outcome
  try {
    for (let i = start; i < handlers.length; i++) {
      const result = handlers[i]?.(x)
      if (result === undefined) continue
      if (result instanceof Promise) return wait(x, result, i + 1, done, failed)
      x.answeredBy = i
      reply = result as Outcome
      break
    }
  } catch (error) {
    return failed(x, error)
  }
  done(x, reply)
}

function wait(x: GatewayExchange, result: Promise<unknown>, next: number, done: Continue, failed: Fail): void {
  const { serial, trace } = x
  const isOver = () => x.serial !== serial || !x.isUnderWay
  const span = trace?.beginWait(x.route.requestPlugins[next - 1] ?? '', 'request')
  result.then(
    (reply) => {
      if (isOver()) return
      if (span !== undefined) trace?.endWait(span, false)
      if (reply === undefined) return runRequestHandlers(x, next, done, failed)
      x.answeredBy = next - 1
      done(x, reply as Outcome)
    },
    (error) => {
      if (isOver()) return
      if (span !== undefined) trace?.endWait(span, true)
      failed(x, error)
    },
  )
}

/** Runs the response handlers from `start` on, then calls `done`; `failed` if one throws. */
export function runResponseHandlers(
  x: GatewayExchange,
  start: number,
  done: (x: GatewayExchange) => void,
  failed: Fail,
): void {
  const handlers = x.matched?.responseHandlers ?? []
  try {
    for (let i = start; i < handlers.length; i++) {
      const result = handlers[i]?.(x)
      if (result instanceof Promise) return waitForResponse(x, result, i + 1, done, failed)
    }
  } catch (error) {
    return failed(x, error)
  }
  done(x)
}

function waitForResponse(
  x: GatewayExchange,
  result: Promise<unknown>,
  next: number,
  done: (x: GatewayExchange) => void,
  failed: Fail,
): void {
  const { serial, trace } = x
  const isOver = () => x.serial !== serial || !x.isUnderWay
  const span = trace?.beginWait(x.route.responsePlugins[next - 1] ?? '', 'response')
  result.then(
    () => {
      if (isOver()) return
      if (span !== undefined) trace?.endWait(span, false)
      runResponseHandlers(x, next, done, failed)
    },
    (error) => {
      if (isOver()) return
      if (span !== undefined) trace?.endWait(span, true)
      failed(x, error)
    },
  )
}

/** Tells the plugins of a route that the exchange is over: all of them, also where one throws. */
export function runFinishHandlers(x: GatewayExchange, failed: Fail): void {
  for (const handler of x.route.finishHandlers ?? []) {
    try {
      handler(x)
    } catch (error) {
      failed(x, error)
    }
  }
}
