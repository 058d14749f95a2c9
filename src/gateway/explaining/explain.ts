import { canonicalPath } from '../../lib/canonical-path.ts'
import { monotonicMs } from '../../lib/monotonic-clock.ts'
import { TimeWheel } from '../../lib/time-wheel.ts'
import type { Vault } from '../../lib/vault.ts'
import type { ExplainedRequest, Explanation, PluginStep } from '../../model/explanation.ts'
import type { Outcome } from '../../plugins/plugin.ts'
import type { Attachment } from '../../plugins/registry.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import type { FrozenSnapshot } from '../../snapshot/hash.ts'
import type { Snapshot, SnapshotRoute } from '../../snapshot/snapshot.ts'
import { fillPluginReply, fillReply } from '../answer.ts'
import { type AttachmentWatch, type ReadyPlugin, readyPlugin } from '../attachment.ts'
import type { BackendStates } from '../backend/backend-states.ts'
import { createBackend } from '../backend/balancer.ts'
import type { BackendPermissions } from '../backend/dial.ts'
import { defaultBackendLimits, Pools } from '../backend/pool.ts'
import { requestHead } from '../backend/request-head.ts'
import { askSystem, Resolver } from '../backend/resolver.ts'
import { backendPath } from '../backend/send.ts'
import { GatewayExchange } from '../exchange.ts'
import { defaultHeadLimits, MALFORMED, NO_BODY, SIZED } from '../http1/head.ts'
import { RequestHead } from '../http1/request-head.ts'
import type { KeyRegistry } from '../keys/key-registry.ts'
import type { SharedLimits } from '../limits/shared-limits.ts'
import { Notices } from '../notices.ts'
import { createLoadEnv, type LoadEnv } from '../plugin-env.ts'
import { LoadedPolicies } from '../policies.ts'
import { buildRouteBackend, buildStage, inRouteOf, type RouteBackend } from '../table.ts'
import { AnswerTaker, BODY_BYTES } from './answer-taker.ts'
import { candidates } from './candidates.ts'
import { changesOf, stateOf } from './changes.ts'
import { clientFor } from './client.ts'
import { observedKeys } from './observed-keys.ts'

/**
 * The way of one request through a snapshot, with the same parts that serve (codec, router, plugins, backend side), but one
 * step at a time and written down.
 */

const TICK_MS = 100

/** What an explanation needs of the program: its secrets, and what its workers have counted. */
export interface ExplainParts {
  readonly vault: Pick<Vault, 'open'>
  readonly limits: SharedLimits
  readonly keys: KeyRegistry
  /** What is known of targets: a request goes where the workers would send it. */
  readonly targets: Pick<BackendStates, 'memory' | 'slotsOf'>
  readonly permissions: BackendPermissions
  readonly dnsServers: readonly string[]
}

/** Explains a request: nothing is counted. With `call` the backend is really called. */
export async function explainRequest(
  { hash, json }: FrozenSnapshot,
  request: ExplainedRequest,
  call: boolean,
  parts: ExplainParts,
): Promise<Explanation> {
  // What comes here was frozen by snapshot/hash.ts.
  const trace = new Trace(hash, JSON.parse(json) as Snapshot, request, parts)
  try {
    await trace.run(call)
  } finally {
    trace.close()
  }
  return trace.told
}

/** An explanation is for who asked for it; the program's log hears nothing of it. */
const UNHEARD = new Notices(() => undefined, Date.now)

/** What a plugin did that does not show in the exchange. */
interface Seen {
  shadowRefusal: string | null
  conditionFailure: string | null
  /** How full the limits are that it asked, and what else there is to say. */
  readonly limits: string[]
}

interface ExplainedPlugin extends ReadyPlugin {
  readonly attachment: Attachment
  readonly seen: Seen
}

function watchInto(seen: Seen): AttachmentWatch {
  return {
    wouldRefuse(_x, _plugin, reason) {
      seen.shadowRefusal = reason
    },
    conditionFailed(_x, _plugin, reason) {
      seen.conditionFailure = reason
    },
    happened: () => undefined,
  }
}

function decisionOf(outcome: Outcome | 'failed'): string {
  if (outcome === 'failed') return 'fails'
  return outcome === undefined ? 'goes on' : 'answers'
}

/** Why a plugin stands where it does, and why it did not act as it usually does. */
function notesOf({ order, mode }: Attachment, { conditionFailure, limits }: Seen): string[] {
  return [
    ...(order === undefined ? [] : [`moved ${Object.entries(order).flat().join(' ')}`]),
    ...(mode === 'shadow' ? ['in shadow: nothing that it does takes effect'] : []),
    ...(conditionFailure === null ? [] : [`its condition failed, so it runs: ${conditionFailure}`]),
    ...limits,
  ]
}

type Told = { -readonly [Key in keyof Explanation]: Explanation[Key] }

class Trace {
  readonly told: Told
  private readonly snapshot: Snapshot
  private readonly request: ExplainedRequest
  private readonly x: GatewayExchange
  private readonly env: LoadEnv
  private readonly limits: SharedLimits
  private readonly keys: KeyRegistry
  private readonly wheel = new TimeWheel(() => performance.now(), TICK_MS)
  private readonly ticking = setInterval(() => this.wheel.tick(), TICK_MS)
  private readonly answers = new AnswerTaker()
  private readonly pools

  constructor(hash: string, snapshot: Snapshot, request: ExplainedRequest, parts: ExplainParts) {
    const { vault, limits, keys, targets, permissions, dnsServers } = parts
    this.snapshot = snapshot
    this.pools = new Pools({
      wheel: this.wheel,
      limits: defaultBackendLimits,
      events: this.answers,
      vault,
      permissions,
      resolver: new Resolver(this.wheel, askSystem(dnsServers)),
      healthMemory: targets.memory,
      limitsOf: null,
      now: monotonicMs,
    })
    this.pools.learn(targets.slotsOf(snapshot.backends))
    this.limits = limits
    this.keys = keys
    this.env = createLoadEnv({
      vault,
      limits: limits.observed(() => undefined),
      keysOf: (stageId) => keys.gate(stageId),
    })
    this.request = request
    this.x = new GatewayExchange(clientFor(request.clientIp, schemeFor(snapshot), snapshot.stage.hosts[0] ?? ''))
    this.told = {
      snapshot: hash,
      path: null,
      candidates: [],
      variables: {},
      requestPlugins: [],
      backend: null,
      responsePlugins: [],
      answer: null,
    }
  }

  close(): void {
    clearInterval(this.ticking)
    this.pools.close()
  }

  /** The steps of `serve.ts`. */
  async run(call: boolean): Promise<void> {
    const { x, snapshot, told } = this
    const table = buildStage(told.snapshot, snapshot, this.pools, this.env, UNHEARD)
    const fault = this.readRequest()
    // 1. Stage: given.
    x.stageTable = table
    if (fault !== null) return this.answerOwn(fault)

    // 2. Route.
    told.path = canonicalPath(x.request.path)
    if (told.path === null) return this.answerOwn('invalid-uri')
    if (table.stage.ignoresTrailingSlash && told.path.length > 1 && told.path.endsWith('/'))
      told.path = told.path.slice(0, -1)
    x.request.path = told.path
    const route = table.router.find(told.path, x.request.method, x.request.variableValues)
    told.candidates = candidates(snapshot.routes, told.path, route?.id ?? null)
    if (route === null) {
      const allowed = table.router.allowedMethods(told.path)
      if (allowed.length === 0) return this.answerOwn('not-found')
      const body = fillReply(x, 'method-not-allowed')
      x.response.headers.set('Allow', allowed.join(', '))
      return this.tellAnswer('gateway', body)
    }
    x.matched = route
    x.request.variableNames = route.variableNames
    told.variables = Object.fromEntries(route.variableNames.map((name, i) => [name, x.request.variableValues[i] ?? '']))

    // 3. Request plugins.
    const own = snapshot.routes.find(({ id }) => id === route.id) as SnapshotRoute
    const method = own.interface && { ...own.interface, schemas: snapshot.schemas ?? {} }
    const backends = new Map(
      Object.entries(snapshot.backends).map(([name, backend]) => [name, createBackend(backend, this.pools)]),
    )
    const plugins = own.plugins.map((attachment, place): ExplainedPlugin => {
      const seen: Seen = { shadowRefusal: null, conditionFailure: null, limits: [] }
      const env: LoadEnv = {
        ...inRouteOf(own, backends, this.env),
        scope: {
          stageId: snapshot.stage.id,
          routeId: route.id,
          service: snapshot.stage.service,
          stage: snapshot.stage.name,
          deployment: told.snapshot,
          pattern: route.pattern,
        },
        limits: this.limits.observed((note) => seen.limits.push(note)),
        keys: observedKeys(this.keys.gate(snapshot.stage.id), (note) => seen.limits.push(note)),
        // Made ready once more, with the limits that only look.
        policies: new LoadedPolicies(snapshot.policies ?? {}),
      }
      return { attachment, seen, ...readyPlugin(attachment, place, env, watchInto(seen), method) }
    })
    for (const plugin of plugins) {
      const { onRequest, onResponse, onFinish, describe } = plugin.handlers
      if (onRequest === undefined && onResponse === undefined && onFinish !== undefined) {
        plugin.seen.limits.push('runs when the request is over')
        await this.step(told.requestPlugins, plugin, () => undefined)
      }
      if (onRequest === undefined) continue
      const outcome = await this.step(
        told.requestPlugins,
        plugin,
        () => onRequest(x),
        () => describe?.(x) ?? [],
      )
      if (outcome === 'failed') return this.answerOwn('internal-error')
      if (outcome === undefined) continue
      return this.respond(plugins, 'plugin', fillPluginReply(x, outcome))
    }

    // 4. Backend.
    const body = await this.askBackend(x.sendTo ?? buildRouteBackend(own, backends), call)
    if (body === null) return
    // 5. Response plugins.
    return this.respond(plugins, x.error === null ? 'backend' : 'gateway', body)
  }

  /** Has the codec read the request, as it would come over a wire. Returns what is wrong with it. */
  private readRequest(): ReplyCode | null {
    const { x, request } = this
    const host = this.snapshot.stage.hosts[0] ?? 'localhost'
    const fields = request.headers.filter(({ name }) => name.toLowerCase() !== 'host')
    const length = Buffer.byteLength(request.body)
    const lines = [
      `${request.method} ${request.target} HTTP/1.1`,
      `Host: ${host}`,
      ...fields.map(({ name, value }) => `${name}: ${value}`),
      ...(length > 0 ? [`Content-Length: ${length}`] : []),
    ]
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8')
    const head = new RequestHead()
    const end = head.read(bytes, 0, bytes.length, defaultHeadLimits)
    Object.assign(x.request, {
      method: head.method,
      scheme: schemeFor(this.snapshot),
      host: head.host,
      hostName: head.hostName,
      rawTarget: head.target,
      path: head.path,
      query: head.query,
      upgrade: head.upgrade,
      headers: head.headers,
      framing: length > 0 ? SIZED : NO_BODY,
      contentLength: length > 0 ? length : -1,
      inlineBody: length > 0 ? Buffer.from(request.body, 'utf8').toString('latin1') : null,
    })
    x.begin(Date.now())
    x.clientIp = request.clientIp
    if (end === MALFORMED) return head.fault
    return end === bytes.length ? null : 'malformed-header'
  }

  /** Runs one handler and writes down what it did. */
  private async step(
    steps: PluginStep[],
    { attachment, seen, runs }: ExplainedPlugin,
    handler: () => unknown,
    describe: () => string[] = () => [],
  ): Promise<Outcome | 'failed'> {
    const { x } = this
    const { plugin, when } = attachment
    if (runs !== null && !runs(x)) {
      const notes = notesOf(attachment, seen)
      steps.push({ plugin, decision: 'is skipped', detail: `not ${when}`, durationMs: 0, changes: [], notes })
      return undefined
    }
    const before = stateOf(x)
    const began = performance.now()
    let outcome: Outcome | 'failed'
    let detail: string | null = null
    try {
      outcome = (await handler()) as Outcome
      if (outcome !== undefined) detail = 'reply' in outcome ? outcome.reply : String(outcome.status)
    } catch (error) {
      outcome = 'failed'
      detail = error instanceof Error ? error.message : String(error)
    }
    const durationMs = Number((performance.now() - began).toFixed(3))
    steps.push({
      plugin,
      decision: seen.shadowRefusal === null ? decisionOf(outcome) : 'would answer',
      detail: seen.shadowRefusal ?? detail,
      durationMs,
      changes: changesOf(before, stateOf(x)),
      notes: [...notesOf(attachment, seen), ...(outcome === 'failed' ? [] : describe())],
    })
    return outcome
  }

  /** Writes down what the backend would be sent, and sends it if asked. Returns the body of the answer; null without one. */
  private async askBackend(to: RouteBackend | null, call: boolean): Promise<string | null> {
    const { x, told } = this
    if (to === null) return fillReply(x, 'internal-error')
    if (x.breaker !== null && x.breaker.breaker.admit() < 0) return fillReply(x, 'backend-unavailable')
    const pool = to.backend.next(x)
    if (pool === null) return fillReply(x, 'backend-unavailable')
    const { target } = pool
    const path = backendPath(x, to)
    if (path === null)
      return fillReply(x, 'invalid-context-variable', 'The backend path that the request gives is not a path.')
    told.backend = {
      url: target.url,
      head: explainedHead(requestHead(x, target, path), pool.settings.protocol),
      body: this.request.body,
    }
    if (!call) return null
    const link = pool.take(true)
    if (link === null) return fillReply(x, 'backend-unavailable')
    x.backend = link
    link.begin(x, path)
    const answer = await this.answers.next
    return 'failed' in answer ? fillReply(x, answer.failed) : answer.body
  }

  private async respond(
    plugins: readonly ExplainedPlugin[],
    by: 'gateway' | 'plugin' | 'backend',
    body: string,
  ): Promise<void> {
    for (const plugin of plugins.toReversed()) {
      const { onResponse } = plugin.handlers
      if (onResponse === undefined) continue
      const outcome = await this.step(this.told.responsePlugins, plugin, () => onResponse(this.x))
      if (outcome === 'failed') return this.answerOwn('internal-error')
    }
    if (this.x.error === null) await this.tellCoding(plugins, body)
    this.tellAnswer(by, body)
  }

  /** Says what the coding of the route makes of the head. The body is told as it is, so that it can be read. */
  private async tellCoding(plugins: readonly ExplainedPlugin[], body: string): Promise<void> {
    const plugin = plugins.find(({ handlers }) => handlers.responseCoding !== undefined)
    const { responseCoding } = plugin?.handlers ?? {}
    if (plugin === undefined || responseCoding === undefined) return
    await this.step(this.told.responsePlugins, plugin, () => {
      responseCoding.stream(this.x, body.length)
    })
  }

  private answerOwn(code: ReplyCode): void {
    this.tellAnswer('gateway', fillReply(this.x, code))
  }

  private tellAnswer(by: 'gateway' | 'plugin' | 'backend', body: string): void {
    const { response } = this.x
    this.told.answer = {
      by,
      status: response.status,
      headers: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(body.slice(0, BODY_BYTES), 'latin1').toString('utf8'),
    }
  }
}

/** The head for a backend in the words of HTTP/1.1, which say the same of HTTP/2 and are what people read. */
function explainedHead(head: string, protocol: 'http1' | 'http2' | undefined): string[] {
  const lines = head.trimEnd().split('\r\n')
  return protocol === 'http2' ? lines.map((line, i) => (i === 0 ? line.replace(/HTTP\/1\.1$/, 'HTTP/2') : line)) : lines
}

/** A stage is asked in the way in which it answers. */
function schemeFor({ stage }: Snapshot): string {
  return stage.https === undefined ? 'http' : 'https'
}
