import type { HeaderList } from '../../lib/headers/header-list.ts'
import { Timed } from '../../lib/time-wheel.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import type { GatewayExchange } from '../exchange.ts'
import type { BackendLink } from './backend-link.ts'
import { HTTP2_FIRST, Http2Session, openSession, type SessionOwner } from './http2-session.ts'
import { stand } from './send.ts'

/** What the connections of HTTP/2 need of the pool that they belong to. */
export interface Http2Parts
  extends Pick<SessionOwner, 'wheel' | 'limits' | 'events' | 'target' | 'dialler' | 'onLeft'> {
  /** True where the target decides, by ALPN. */
  readonly isAuto: boolean
  onOpened(session: Http2Session): void
  onClosed(session: Http2Session): void
  /** A new connection of HTTP/1, for a target that has decided for that. */
  openHttp1(): BackendLink
}

const UNDECIDED = 0
const HTTP1 = 1
const HTTP2 = 2

/** The connections to one target which speaks HTTP/2, or may: exchanges share one until it is full. */
export class Http2Sessions implements SessionOwner {
  readonly wheel
  readonly limits
  readonly events
  readonly target
  readonly dialler
  private readonly parts: Http2Parts
  private readonly sessions: Http2Session[] = []
  private spoken: number
  private decision: Decision | null = null

  constructor(parts: Http2Parts) {
    this.parts = parts
    this.wheel = parts.wheel
    this.limits = parts.limits
    this.events = parts.events
    this.target = parts.target
    this.dialler = parts.dialler
    this.spoken = parts.isAuto ? UNDECIDED : HTTP2
  }

  /** Connections on which nothing is under way. */
  get idleCount(): number {
    return this.sessions.filter(({ streams }) => streams.size === 0).length
  }

  /** A link for an exchange that begins at once. */
  take(): BackendLink {
    if (this.spoken === HTTP1) return this.parts.openHttp1()
    if (this.spoken === UNDECIDED) return this.undecided()
    return this.session().link()
  }

  /** Lets go of all connections, as their exchanges end. */
  retire(): void {
    for (const session of [...this.sessions]) session.retire()
  }

  onSessionClosed(session: Http2Session): void {
    const at = this.sessions.indexOf(session)
    if (at !== -1) this.sessions.splice(at, 1)
    this.parts.onClosed(session)
  }

  onOtherProtocol(): void {
    if (this.parts.isAuto) this.spoken = UNDECIDED
  }

  onLeft(): void {
    this.parts.onLeft()
  }

  resend(x: GatewayExchange, path: string, resentCount: number): void {
    this.session().link().beginAgain(x, path, resentCount)
  }

  beginHttp1(x: GatewayExchange, path: string): void {
    const link = this.parts.openHttp1()
    stand(x, link)
    link.begin(x, path)
  }

  private session(): Http2Session {
    for (const session of this.sessions) if (session.hasRoom) return session
    return this.keep(openSession(this))
  }

  private keep(session: Http2Session): Http2Session {
    this.sessions.push(session)
    this.parts.onOpened(session)
    return session
  }

  private undecided(): BackendLink {
    this.decision ??= new Decision(this, (spoken, session) => this.decide(spoken, session))
    return new UndecidedLink(this.decision, this)
  }

  private decide(isHttp2: boolean | null, socketSession: (() => Http2Session) | null): void {
    this.decision = null
    if (isHttp2 === null) return
    this.spoken = isHttp2 ? HTTP2 : HTTP1
    if (socketSession !== null) this.keep(socketSession())
  }
}

/** Told what a target speaks, null for nothing; and how the connection that found it out is used on. */
type Decided = (isHttp2: boolean | null, session: (() => Http2Session) | null) => void

/** The first connection to a target, which finds out what it speaks; exchanges wait for that. */
class Decision extends Timed {
  private readonly waiting = new Set<UndecidedLink>()
  private readonly owner: Http2Sessions
  private readonly decided: Decided
  private isOver = false

  constructor(owner: Http2Sessions, decided: Decided) {
    super()
    this.owner = owner
    this.decided = decided
    const socket = owner.dialler.dial(HTTP2_FIRST)
    owner.wheel.schedule(this, owner.limits.connectTimeoutMs)
    socket.on('error', () => this.fail('backend-unreachable'))
    socket.on('close', () => this.fail('backend-unreachable'))
    socket.on('secureConnect', () => {
      const isHttp2 = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
      this.settle(() => {
        // A connection of HTTP/1 is made anew by the pool, which takes up this one's TLS session.
        if (!isHttp2) socket.destroy()
        this.decided(isHttp2, isHttp2 ? () => new Http2Session(socket, owner, true) : null)
      })
      for (const link of this.waiting) link.onDecided()
    })
    this.abort = () => socket.destroy()
  }

  private readonly abort: () => void

  add(link: UndecidedLink): void {
    this.waiting.add(link)
  }

  remove(link: UndecidedLink): void {
    this.waiting.delete(link)
  }

  override onDeadline(): void {
    this.fail('backend-connect-timeout')
  }

  private fail(code: ReplyCode): void {
    if (this.isOver) return
    this.settle(() => this.decided(null, null))
    this.abort()
    for (const link of this.waiting) link.onFailed(code)
  }

  private settle(decide: () => void): void {
    if (this.isOver) return
    this.isOver = true
    this.owner.wheel.remove(this)
    decide()
  }
}

/** An exchange that waits for what its target speaks. What comes of its body until then is kept. */
class UndecidedLink implements BackendLink {
  private readonly decision: Decision
  private readonly owner: Http2Sessions
  private x: GatewayExchange | null = null
  private path = ''
  private readonly parts: Buffer[] = []
  private isEnded = false
  private trailers: HeaderList | null = null

  constructor(decision: Decision, owner: Http2Sessions) {
    this.decision = decision
    this.owner = owner
  }

  begin(x: GatewayExchange, path: string): void {
    if (x.webSocket !== null) return this.owner.beginHttp1(x, path)
    this.x = x
    this.path = path
    this.decision.add(this)
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    this.parts.push(Buffer.from(chunk.subarray(start, end)))
    this.x?.client.pauseBody()
  }

  endBody(trailers: HeaderList | null): void {
    this.isEnded = true
    this.trailers = trailers
  }

  onDecided(): void {
    const { x, path, parts, isEnded, trailers } = this
    if (x === null) return
    this.x = null
    const link = this.owner.take()
    stand(x, link)
    link.begin(x, path)
    for (const part of parts) link.writeBody(part, 0, part.length)
    if (isEnded) link.endBody(trailers)
    else if (parts.length > 0) x.client.resumeBody()
  }

  onFailed(code: ReplyCode): void {
    const { x } = this
    this.abandon()
    if (x !== null) this.owner.events.failed(x, code, false)
  }

  abandon(): void {
    if (this.x === null) return
    this.x = null
    this.decision.remove(this)
    this.owner.onLeft()
  }

  flow(): void {}
  pause(): void {}
  resume(): void {}
}
