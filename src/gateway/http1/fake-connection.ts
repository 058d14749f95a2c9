import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { HeaderList } from '../../lib/headers/header-list.ts'
import { TimeWheel } from '../../lib/time-wheel.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import { fillReply } from '../answer.ts'
import type { GatewayExchange, RequestServer, Upstream } from '../exchange.ts'
import { ClientConnection, type ClientLimits, type ConnectionContext, defaultClientLimits } from './connection.ts'
import { defaultHeadLimits, NO_BODY } from './head.ts'

/** For tests: the codec on a connection in memory, with a server that takes every request whole and answers 200. */

/** A request as the server took it. */
export interface TakenRequest {
  method: string
  target: string
  host: string
  headers: [string, string][]
  body: string
  trailers: [string, string][]
  isComplete: boolean
}

/** What came of a connection. */
export interface Outcome {
  requests: TakenRequest[]
  refusals: ReplyCode[]
  /** Bytes to the client, as Latin-1. */
  answer: string
  isClosed: boolean
}

/** A socket in memory that keeps what is written; `isFull` keeps the writer waiting. */
export class FakeSocket extends Duplex {
  answer = ''
  isFull = false

  constructor() {
    super({ allowHalfOpen: true, decodeStrings: true })
  }

  override _read(): void {
    // The bytes of the client are given to the connection itself, in the cuts that the test wants.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.answer += chunk.toString('latin1')
    if (!this.isFull) done()
  }
}

/** Takes the body of one request. */
class BodyTaker implements Upstream {
  private readonly x: GatewayExchange
  private readonly taken: TakenRequest

  constructor(x: GatewayExchange, taken: TakenRequest) {
    this.x = x
    this.taken = taken
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    this.taken.body += chunk.toString('latin1', start, end)
  }

  endBody(trailers: Iterable<[string, string]> | null): void {
    this.taken.trailers = trailers === null ? [] : [...trailers]
    this.taken.isComplete = true
    this.x.backend = null
    answerOk(this.x)
  }

  flow(): void {}
  pause(): void {}
  resume(): void {}
  abandon(): void {}
}

function answerOk(x: GatewayExchange): void {
  x.response.status = 200
  x.response.reason = ''
  x.response.headers.clear()
  x.client.writeWhole('ok', 2)
}

/** What plugins would do to the headers of request `i`, after it was taken down. */
export type ChangeHeaders = (headers: HeaderList, i: number) => void

/** Takes every request whole and answers 200. */
export class TakingServer implements RequestServer {
  readonly requests: TakenRequest[] = []
  readonly refusals: ReplyCode[] = []
  private readonly change: ChangeHeaders

  constructor(change: ChangeHeaders = () => undefined) {
    this.change = change
  }

  serve(x: GatewayExchange): void {
    const { request } = x
    const taken: TakenRequest = {
      method: request.method,
      target: request.rawTarget,
      host: request.host,
      headers: [...request.headers],
      body: request.inlineBody ?? '',
      trailers: [],
      isComplete: request.framing === NO_BODY || request.inlineBody !== null,
    }
    this.requests.push(taken)
    this.change(request.headers, this.requests.length)
    if (taken.isComplete) return answerOk(x)
    x.backend = new BodyTaker(x, taken)
    x.client.readBody()
  }

  refuse(x: GatewayExchange, code: ReplyCode): void {
    this.refusals.push(code)
    const body = fillReply(x, code)
    x.client.writeWhole(body, body.length)
  }
}

/** Plays `parts` into a connection, one after another, and tells what came of it. */
export function play(
  parts: readonly Buffer[],
  limits: Partial<ClientLimits> = {},
  change: ChangeHeaders = () => undefined,
): Outcome {
  const socket = new FakeSocket()
  const server = new TakingServer(change)
  const context: ConnectionContext = {
    server,
    wheel: new TimeWheel(() => 0),
    limits: { ...defaultHeadLimits, ...defaultClientLimits, ...limits },
    isDraining: false,
    isTrusted: () => false,
    onClosed: () => undefined,
    onRequest: () => undefined,
    onFinished: () => undefined,
  }
  const peer = { address: '192.0.2.1', scheme: 'http', tls: null } as const
  // The connection uses of a socket only what a stream has.
  const connection = new ClientConnection(socket as unknown as Socket, context, peer)
  for (const part of parts) if (!socket.destroyed) connection.read(part, part.length)
  return {
    requests: server.requests,
    refusals: server.refusals,
    answer: socket.answer,
    isClosed: socket.writableEnded || socket.destroyed,
  }
}
