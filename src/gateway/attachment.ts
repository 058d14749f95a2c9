import type { Condition } from '../lib/cel/language.ts'
import { HeaderList } from '../lib/headers/header-list.ts'
import { compileCondition } from '../plugins/condition.ts'
import type { Exchange, HandlerResult, Handlers, Outcome, PluginEnv, RouteInterface } from '../plugins/plugin.ts'
import { type Attachment, backendsOf, findPlugin } from '../plugins/registry.ts'
import { reveal } from '../plugins/secret.ts'
import { backendName } from '../snapshot/backend-names.ts'
import type { GatewayExchange } from './exchange.ts'
import { NO_BODY } from './http1/head.ts'
import type { LoadEnv } from './plugin-env.ts'
import { readRequestBody, withRequestBody } from './whole-body.ts'

/**
 * What an attachment's `when` and `mode` make of the handlers of its plugin. All is decided here, at load: an attachment
 * without them gives the plugin's own handlers, and the request path knows nothing of either.
 */

/** Told of what a plugin did that nobody else sees. */
export interface AttachmentWatch {
  /** A plugin in shadow would have refused this request. */
  wouldRefuse(x: GatewayExchange, plugin: string, reason: string): void
  /** A condition had no value for this request, and its plugin runs. */
  conditionFailed(x: GatewayExchange, plugin: string, reason: string): void
  /** A plugin of a route has something counted. */
  happened(routeId: string, plugin: string, event: string): void
}

/** A plugin of a route, ready to run. */
export interface ReadyPlugin {
  readonly handlers: Handlers
  /** Whether the plugin runs for this request; null where it always does. */
  readonly runs: ((x: Exchange) => boolean) | null
}

/**
 * Makes a plugin of a snapshot ready. `place` tells the plugins of a route apart. Throws if there is no such plugin, it
 * refuses its settings, or the condition cannot be compiled.
 */
export function readyPlugin(
  attachment: Attachment,
  place: number,
  env: LoadEnv,
  watch: AttachmentWatch,
  method?: RouteInterface,
): ReadyPlugin {
  const { plugin, when, mode } = attachment
  const count = (event: string) => watch.happened(env.scope.routeId, plugin, event)
  const own = createHandlers(attachment, { ...env, count, backend: backendsFor(attachment, env) }, method)
  const handlers = mode === 'shadow' ? inShadow(own, plugin, place, watch) : takingBody(own)
  if (when === undefined) return { handlers, runs: null }
  const runs = decision(compileCondition(when), plugin, place, watch)
  return { handlers: underCondition(handlers, runs), runs }
}

/** How a plugin asks for its backends: by its own keys, of the settings as the snapshot has them. */
function backendsFor(attachment: Attachment, env: LoadEnv): PluginEnv['backend'] {
  const names = new Map(backendsOf(attachment).map(({ key, backend }) => [key, backendName(backend)]))
  return (key, path) => {
    const name = key === null ? null : names.get(key)
    if (name === undefined) throw new Error(`the plugin "${attachment.plugin}" has no backend "${key}"`)
    return env.routeBackend(name, path)
  }
}

function createHandlers(
  { plugin: name, config }: Attachment,
  env: LoadEnv,
  method: RouteInterface | undefined,
): Handlers {
  const plugin = findPlugin(name)
  if (plugin === undefined) throw new Error(`the snapshot names the plugin "${name}", which this gateway does not have`)
  // The snapshot holds the settings of this very plugin: design/check-plugins.ts has checked them against its schema.
  return (plugin.create as (config: unknown, env: PluginEnv, method?: RouteInterface) => Handlers)(
    reveal<unknown>(config, plugin.config, env.vault),
    env,
    method,
  )
}

function takingBody(handlers: Handlers): Handlers {
  const { onRequest, requestBodyBytes } = handlers
  if (onRequest === undefined || requestBodyBytes === undefined) return handlers
  return { ...handlers, onRequest: withRequestBody(onRequest, requestBodyBytes) }
}

/** What is remembered of one exchange, by the places of its route's plugins. */
export class AttachmentMemory {
  /** The exchange that it is of. */
  serial = -1
  /** Whether each plugin runs; undefined for one that has not been asked about. */
  readonly decisions: (boolean | undefined)[] = []
  /** The exchange as a plugin in shadow sees it. */
  readonly views: (Exchange | undefined)[] = []
}

function memoryOf(x: GatewayExchange): AttachmentMemory {
  x.attachments ??= new AttachmentMemory()
  const memory = x.attachments
  if (memory.serial !== x.serial) {
    memory.serial = x.serial
    memory.decisions.length = 0
    memory.views.length = 0
  }
  return memory
}

/**
 * Decides once for each request, when the plugin is first due: all its handlers run or none. A condition that has no value
 * lets the plugin run: a guard must not be passed because a question about the request could not be answered.
 */
function decision(
  condition: Condition<Exchange>,
  plugin: string,
  place: number,
  watch: AttachmentWatch,
): (exchange: Exchange) => boolean {
  return (exchange) => {
    const x = ownExchange(exchange)
    const { decisions } = memoryOf(x)
    const known = decisions[place]
    if (known !== undefined) return known
    let runs = true
    try {
      runs = condition(x)
    } catch (error) {
      watch.conditionFailed(x, plugin, reasonOf(error))
    }
    decisions[place] = runs
    return runs
  }
}

function underCondition(handlers: Handlers, runs: (x: Exchange) => boolean): Handlers {
  const { onRequest, onResponse, responseBody, responseCoding, onFinish, describe } = handlers
  return {
    // Only asked where the plugin runs.
    ...(describe && { describe }),
    ...(onRequest && { onRequest: (x: Exchange) => (runs(x) ? onRequest(x) : undefined) }),
    ...(onResponse && { onResponse: (x: Exchange) => (runs(x) ? onResponse(x) : undefined) }),
    ...(responseBody && {
      responseBody: {
        maxBytes: responseBody.maxBytes,
        wants: (x: Exchange) => runs(x) && responseBody.wants(x),
        transform: (x: Exchange, body: Buffer) => responseBody.transform(x, body),
      },
    }),
    ...(responseCoding && {
      responseCoding: {
        whole: (x: Exchange, body: Buffer) => (runs(x) ? responseCoding.whole(x, body) : null),
        stream: (x: Exchange, size: number) => (runs(x) ? responseCoding.stream(x, size) : null),
      },
    }),
    ...(onFinish && {
      onFinish: (x: Exchange) => {
        if (runs(x)) onFinish(x)
      },
    }),
  }
}

/**
 * The handlers of a plugin that must not be felt: it runs on a view of the exchange, where it may change what it likes.
 * Of a request that it lets pass only the identity that it has verified is taken over, for those that come after it. Its
 * response handlers do not run; `onFinish` does, because it gives back what `onRequest` took.
 */
export function inShadow(own: Handlers, plugin: string, place: number, watch: AttachmentWatch): Handlers {
  const { onRequest, onFinish, requestBodyBytes } = own
  const ask = (x: GatewayExchange): HandlerResult => onRequest?.(viewOf(x, place))
  const settle = (x: GatewayExchange, outcome: Outcome): undefined => {
    if (outcome !== undefined) {
      watch.wouldRefuse(x, plugin, 'reply' in outcome ? outcome.reply : `status ${outcome.status}`)
      return
    }
    const { consumer, claims } = viewOf(x, place)
    x.consumer = consumer
    x.claims = claims
  }
  const fail = (x: GatewayExchange, error: unknown): undefined => {
    watch.wouldRefuse(x, plugin, `internal-error: ${reasonOf(error)}`)
  }
  const first = requestBodyBytes === undefined ? ask : withBodyInShadow(ask, requestBodyBytes)
  return {
    ...(onRequest && { onRequest: (x: Exchange) => settled(ownExchange(x), first, settle, fail) }),
    ...(onFinish && { onFinish: (x: Exchange) => onFinish(viewOf(ownExchange(x), place)) }),
  }
}

/** Calls a handler and settles what comes of it, at once where it can: never an answer. */
function settled(
  x: GatewayExchange,
  handler: (x: GatewayExchange) => HandlerResult,
  settle: (x: GatewayExchange, outcome: Outcome) => undefined,
  fail: (x: GatewayExchange, error: unknown) => undefined,
): HandlerResult {
  const { serial } = x
  const isOver = () => x.serial !== serial || !x.isUnderWay
  try {
    const result = handler(x)
    if (!(result instanceof Promise)) return settle(x, result as Outcome)
    return result.then(
      (outcome) => (isOver() ? undefined : settle(x, outcome as Outcome)),
      (error: unknown) => (isOver() ? undefined : fail(x, error)),
    )
  } catch (error) {
    return fail(x, error)
  }
}

/**
 * Reads the body first, where its length is declared. One that is not could turn out too large when a part of it has been
 * read, and then the request could not go on as it came: a plugin in shadow does not see such requests.
 */
function withBodyInShadow(
  ask: (x: GatewayExchange) => HandlerResult,
  maxBytes: number,
): (x: GatewayExchange) => HandlerResult {
  return (x) => {
    const { framing, inlineBody, contentLength } = x.request
    if (framing !== NO_BODY && inlineBody === null && contentLength === -1) return undefined
    const refused = readRequestBody(x, maxBytes)
    if (refused === null) return ask(x)
    return refused instanceof Promise ? refused.then((reply) => reply ?? ask(x)) : refused
  }
}

/** The exchange as a plugin in shadow sees it: all that it changes is changed there alone. */
function viewOf(x: GatewayExchange, place: number): Exchange {
  const { views } = memoryOf(x)
  const known = views[place]
  if (known !== undefined) return known
  // Asked for once, so that the view has the same.
  const { id } = x
  const request = Object.create(x.request, { headers: { value: x.request.headers.clone() } })
  const response = Object.create(x.response, { headers: { value: new HeaderList() } })
  const view: Exchange = Object.create(x, {
    id: { value: id, writable: true },
    request: { value: request },
    response: { value: response },
  })
  views[place] = view
  return view
}

/** The exchanges of this gateway are the only ones that its handlers are called with. */
function ownExchange(x: Exchange): GatewayExchange {
  return x as GatewayExchange
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
