import type { HeaderList } from '../lib/headers/header-list.ts'
import { Timed, type TimeWheel } from '../lib/time-wheel.ts'
import type { RetryCondition, RetryPolicy } from '../plugins/plugin.ts'
import type { ReplyCode } from '../plugins/replies.ts'
import { isWhole } from './backend/send.ts'
import type { GatewayExchange, Upstream } from './exchange.ts'
import { isGrpc } from './grpc.ts'
import { SIZED } from './http1/head.ts'
import type { ResponseHead } from './http1/response-head.ts'
import { KeptBody } from './kept-body.ts'
import { WholeResponse } from './whole-body.ts'

/** What retrying needs of whoever serves. */
export interface Retrier {
  readonly wheel: TimeWheel
  /** Sends the request once more. */
  resend(x: GatewayExchange): void
  /** A try has failed: what `BackendEvents` says. */
  failed(x: GatewayExchange, code: ReplyCode, canRetry: boolean): void
}

/*
 *   IDLE ──► TRYING ──► IDLE                 (the answer goes to the client)
 *               │
 *               ├──► DISCARDING ──► WAITING  (an answer that is not wanted)
 *               └──► WAITING ──► TRYING …
 */
const IDLE = 0
const TRYING = 1
const DISCARDING = 2
const WAITING = 3

/** The rest of an answer that is not wanted is read to keep the connection, where it is no more than this and comes in this time. */
const DISCARD_BYTES = 65_536
const DISCARD_MS = 1_000
/** Takes nothing: stands where the body of an answer would be collected. */
const NOTHING = new WholeResponse(0)

/** The failures that each condition is about. */
const CONDITIONS: Partial<Record<ReplyCode, RetryCondition>> = {
  'backend-unreachable': 'connect-failure',
  'backend-connect-timeout': 'connect-failure',
  'backend-closed': 'closed',
  'backend-malformed': 'malformed',
  'backend-timeout': 'timeout',
}

/**
 * The tries of one exchange on a route that may send its requests more than once. It stands where the connection to the
 * backend would, between two tries too: so whoever ends the exchange ends the wait with it.
 */
export class Tries extends Timed implements Upstream {
  private readonly x: GatewayExchange
  private readonly retrier: Retrier
  private policy: RetryPolicy | null = null
  private state = IDLE
  private link: Upstream | null = null
  readonly body = new KeptBody()
  /** Whether the body comes in parts. */
  private isStreaming = false
  /** Tries so far. */
  private count = 0
  private waitMs = 0
  private discarded = 0
  /** Whether the next try needs a connection that was not used before. */
  isFreshNeeded = false
  /** Given the body when it has come to its end, or null where it was too long to be kept or has not come to its end; null where nobody wants it. */
  onBodyEnd: ((body: string | null) => void) | null = null

  constructor(x: GatewayExchange, retrier: Retrier) {
    super()
    this.x = x
    this.retrier = retrier
  }

  /** Begins for the next request, which is sent once where there is no policy; its body is kept up to so many bytes. */
  begin(policy: RetryPolicy | null, keptBytes: number): void {
    this.policy = policy
    this.state = IDLE
    this.link = null
    this.count = 0
    this.isFreshNeeded = false
    this.onBodyEnd = null
    this.isStreaming = !isWhole(this.x)
    if (this.isStreaming) this.body.begin(keptBytes)
    policy?.budget.request()
  }

  /** Keeps more of a body than the tries need, for somebody else. Before the first try. */
  keepAtLeast(bytes: number): void {
    if (this.isStreaming) this.body.begin(Math.max(bytes, this.policy?.maxBodyBytes ?? 0))
  }

  /** A try begins on a link. Returns what stands for it. */
  carry(link: Upstream): Upstream {
    this.link = link
    this.state = TRYING
    this.watch()
    return this
  }

  /** Sends what has come of the body, on a link that has begun after another, and reads on. */
  replay(): void {
    const { x, link } = this
    // What is read by this is kept, and goes with the rest.
    this.link = null
    if (!this.body.isEnded) x.client.resumeBody()
    if (x.backend !== this) return link?.abandon()
    this.link = link
    if (link !== null) this.body.sendTo(link)
  }

  get isDiscarding(): boolean {
    return this.state === DISCARDING
  }

  get isWaiting(): boolean {
    return this.state === WAITING || this.state === DISCARDING
  }

  /** What stands where the connection would, just before it is asked what follows: of a body that went past us we have not all. */
  observe(standing: Upstream | null): void {
    if (standing !== this) this.body.forget()
  }

  /** A try has failed. True where another follows. */
  afterFailure(code: ReplyCode): boolean {
    const { policy } = this
    this.leave()
    const condition = CONDITIONS[code]
    if (policy === null || condition === undefined || !policy.on.has(condition)) return false
    if (!this.mayTryAgain(policy, condition === 'connect-failure')) return false
    this.isFreshNeeded = condition === 'closed'
    this.waitMs = backoff(policy, this.count)
    this.waitForTurn()
    return true
  }

  /** The head of an answer has come. True where it is not wanted, and another try follows. */
  afterAnswer(head: ResponseHead, body: string | null): boolean {
    const { policy } = this
    if (policy === null || !isFailure(policy, head)) return this.accept()
    const askedMs = pushbackMs(head.headers) ?? retryAfterMs(head.headers, Date.now())
    if (askedMs > policy.maxRetryAfterMs || !this.mayTryAgain(policy, false)) return this.accept()
    this.waitMs = askedMs + backoff(policy, this.count)
    const link = this.current
    const isShort = head.framing !== SIZED || head.contentLength <= DISCARD_BYTES
    if (body === null && link !== null && isShort) this.discard(link)
    else {
      // A whole answer has left its connection behind.
      if (body === null) link?.abandon()
      this.waitForTurn()
    }
    return true
  }

  /** A part of an answer that is not wanted. */
  dropBody(bytes: number): void {
    this.discarded += bytes
    if (this.discarded > DISCARD_BYTES) this.stopDiscarding()
  }

  /** The end of an answer that is not wanted. */
  dropped(): void {
    this.waitForTurn()
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    const { link } = this
    this.body.add(chunk, start, end, link === null)
    this.watch()
    link?.writeBody(chunk, start, end)
  }

  endBody(trailers: HeaderList | null): void {
    this.body.end(trailers)
    this.watch()
    this.link?.endBody(trailers)
    const { onBodyEnd } = this
    this.onBodyEnd = null
    onBodyEnd?.(this.body.isIntact ? this.body.text() : null)
  }

  /** The exchange is over. */
  finished(): void {
    const { onBodyEnd } = this
    this.onBodyEnd = null
    onBodyEnd?.(null)
    this.leave()
    this.body.forget()
  }

  flow(): void {
    this.link?.flow()
  }

  pause(): void {
    this.link?.pause()
  }

  resume(): void {
    this.link?.resume()
  }

  abandon(): void {
    const { link } = this
    this.leave()
    this.body.forget()
    link?.abandon()
  }

  override onDeadline(): void {
    const { state, x } = this
    if (state === WAITING) return this.tryAgain()
    if (state === DISCARDING) return this.stopDiscarding()
    if (state !== TRYING || x.isAnswered) return
    this.current?.abandon()
    this.retrier.failed(x, 'backend-timeout', false)
  }

  /** The link that the exchange is on: one may have handed it on to another, which then stands for itself. */
  private get current(): Upstream | null {
    const { backend } = this.x
    return backend === this ? this.link : backend
  }

  /** The answer of this try is the one that counts. */
  accept(): false {
    this.state = IDLE
    this.retrier.wheel.cancel(this)
    // Somebody else may still want it.
    if (this.onBodyEnd === null) this.body.forget()
    return false
  }

  private leave(): void {
    this.state = IDLE
    this.link = null
    this.retrier.wheel.cancel(this)
  }

  /** A try has so long from the last part of the request to the head of the answer. */
  private watch(): void {
    const { policy } = this
    if (this.state === TRYING && policy !== null && policy.tryTimeoutMs !== null)
      this.retrier.wheel.schedule(this, policy.tryTimeoutMs)
  }

  private mayTryAgain(policy: RetryPolicy, isUnprocessed: boolean): boolean {
    this.count++
    if (this.count >= policy.attempts || (this.isStreaming && !this.body.isIntact)) return false
    const isChosen = policy.methods.has(this.x.request.method)
    if (!isChosen && policy.others !== 'always' && !(policy.others === 'unprocessed' && isUnprocessed)) return false
    if (this.x.breaker?.breaker.state().kind === 'open') return false
    if (policy.budget.take()) return true
    policy.count('overBudget')
    return false
  }

  private discard(link: Upstream): void {
    this.state = DISCARDING
    this.discarded = 0
    this.x.responseBody = NOTHING
    this.retrier.wheel.schedule(this, DISCARD_MS)
    link.flow()
  }

  private stopDiscarding(): void {
    this.current?.abandon()
    this.waitForTurn()
  }

  private waitForTurn(): void {
    const { x, retrier } = this
    this.state = WAITING
    this.link = null
    x.responseBody = null
    x.backend = this
    if (this.isStreaming && !this.body.isEnded) x.client.pauseBody()
    // A wait that is shorter than the wheel can tell is none.
    if (this.waitMs < 1) this.tryAgain()
    else retrier.wheel.schedule(this, this.waitMs)
  }

  private tryAgain(): void {
    const { x, retrier } = this
    this.leave()
    this.policy?.count('retries')
    retrier.resend(x)
  }
}

/** A random wait, of at most twice as long after each try: so that those who have failed together do not come back together. */
function backoff({ backoffMs, maxBackoffMs, random }: RetryPolicy, tries: number): number {
  return random() * Math.min(maxBackoffMs, backoffMs * 2 ** (tries - 1))
}

function isFailure({ statuses, grpcCodes }: RetryPolicy, { status, headers }: ResponseHead): boolean {
  if (statuses.has(status)) return true
  if (grpcCodes === null) return false
  const code = headers.get('grpc-status')
  return code !== undefined && grpcCodes.has(code) && isGrpc(headers)
}

/** What a server of gRPC asks for (gRFC A6), in milliseconds; infinite where it wants no other try, null where it says nothing. */
function pushbackMs(headers: HeaderList): number | null {
  const text = headers.get('grpc-retry-pushback-ms')
  if (text === undefined) return null
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
}

/** What `Retry-After` asks for (RFC 9110, section 10.2.3), in milliseconds; 0 where it asks for nothing that can be read. */
export function retryAfterMs(headers: HeaderList, nowMs: number): number {
  const text = headers.get('retry-after')
  if (text === undefined) return 0
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const at = /GMT$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs)
}
