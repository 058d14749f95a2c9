import { Timed, type TimeWheel } from '../lib/time-wheel.ts'
import type { MirrorPlan } from '../plugins/plugin.ts'
import { backendPath, isWhole, send } from './backend/send.ts'
import { type Client, GatewayExchange, noRoute } from './exchange.ts'
import { NO_BODY, SIZED } from './http1/head.ts'
import type { RouteBackend } from './table.ts'

/** Copies that are kept for the next ones. */
const MAX_SPARE = 64
/** Of an answer that nobody sees, no more than this is read. */
const MAX_ANSWER_BYTES = 1_048_576

/** The copies of requests that go to second backends, of one worker. */
export class Mirrors {
  private readonly wheel: TimeWheel
  private readonly spare: Copy[] = []

  constructor(wheel: TimeWheel) {
    this.wheel = wheel
  }

  /** Takes down what is to be copied of a request, before that goes its way. Null where there will be no copy. */
  prepare(x: GatewayExchange, plan: MirrorPlan): Copy | null {
    const { request } = x
    const length = request.inlineBody?.length ?? request.contentLength
    // What becomes a tunnel has nothing that could be copied.
    if (request.upgrade !== null || length > plan.maxBodyBytes || plan.gate.underWay >= plan.mostUnderWay) {
      plan.count('dropped')
      return null
    }
    // The plugin has it of the gateway, which gives nothing else.
    const to = plan.to as RouteBackend
    const path = backendPath(x, to)
    if (path === null) {
      plan.count('failed')
      return null
    }
    const copy = this.spare.pop() ?? new Copy(this.wheel, (used) => this.keep(used))
    copy.take(x, plan, to, path)
    return copy
  }

  private keep(copy: Copy): void {
    if (this.spare.length < MAX_SPARE) this.spare.push(copy)
  }
}

/** One copy: an exchange whose client is nobody. */
export class Copy extends Timed implements Client {
  readonly address = ''
  readonly isTrusted = false
  readonly scheme = 'http'
  readonly tls = null
  forwardingLines = ''
  private readonly wheel: TimeWheel
  private readonly onDone: (copy: Copy) => void
  private readonly x: GatewayExchange
  private plan: MirrorPlan | null = null
  private to: RouteBackend | null = null
  private received = 0

  constructor(wheel: TimeWheel, onDone: (copy: Copy) => void) {
    super()
    this.wheel = wheel
    this.onDone = onDone
    this.x = new GatewayExchange(this)
  }

  /** Takes down a request as it will be sent. */
  take(from: GatewayExchange, plan: MirrorPlan, to: RouteBackend, path: string): void {
    const { x } = this
    const { request } = from
    this.plan = plan
    plan.gate.underWay++
    // The path is made already, with what the request knows.
    this.to = { ...to, path: null }
    this.received = 0
    this.forwardingLines = from.client.forwardingLines
    x.begin(from.receivedAt)
    x.matched = noRoute
    x.sendTo = this.to
    x.clientIp = from.clientIp
    x.consumer = from.consumer
    const { timeoutMs } = plan
    x.timeouts = { connectMs: timeoutMs, responseMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs }
    x.request.method = request.method
    x.request.scheme = request.scheme
    x.request.host = request.host
    x.request.path = path
    x.request.query = ''
    x.request.headers = request.headers.clone()
    x.request.framing = request.framing
    x.request.contentLength = request.contentLength
    x.request.inlineBody = request.inlineBody
    x.request.headers.set(plan.mark, '1')
    if (plan.keepsHost) x.request.headers.set('Host', request.host)
    else x.request.headers.remove('host')
  }

  /** Whether the body is here. */
  get isWhole(): boolean {
    return isWhole(this.x)
  }

  /** Goes its way, with a body that has come in parts. */
  startWith(body: string): void {
    const { request } = this.x
    request.inlineBody = body
    request.framing = SIZED
    request.contentLength = body.length
    this.start()
  }

  /** Goes its way. */
  start(): void {
    const { x, plan, to } = this
    if (plan === null || to === null) return
    this.wheel.schedule(this, plan.timeoutMs)
    if (send(x, to, false) !== null) this.done(false)
  }

  /** There will be no copy after all. */
  drop(): void {
    this.leave('dropped')
  }

  override onDeadline(): void {
    this.done(false)
  }

  writeWhole(): void {
    this.done(this.x.error === null)
  }

  writeHead(): void {
    this.x.isAnswered = true
  }

  writeBody(_chunk: Buffer, start: number, end: number): void {
    this.received += end - start
    if (this.received > MAX_ANSWER_BYTES) this.done(true)
  }

  end(): void {
    this.done(true)
  }

  abort(): void {
    this.done(false)
  }

  readBody(): void {}
  pauseBody(): void {}
  resumeBody(): void {}
  limitTotal(): void {}
  writeInformational(): void {}

  private done(isAnswered: boolean): void {
    this.leave(isAnswered ? 'copied' : 'failed')
  }

  /** It is over, one way or another. Whoever says so later is not heard. */
  private leave(event: 'copied' | 'failed' | 'dropped'): void {
    const { x, plan } = this
    if (plan === null) return
    this.plan = null
    this.to = null
    plan.gate.underWay--
    plan.count(event)
    this.wheel.cancel(this)
    x.isUnderWay = false
    x.backend?.abandon()
    x.backend = null
    x.request.inlineBody = null
    x.request.framing = NO_BODY
    this.onDone(this)
  }
}
