import type { Socket } from 'node:net'
import { TimeWheel } from '../../lib/time-wheel.ts'
import type { GatewayExchange, RequestServer } from '../exchange.ts'
import { type ClientLimits, type ConnectionContext, defaultClientLimits } from '../http1/connection.ts'
import { FakeSocket, TakingServer } from '../http1/fake-connection.ts'
import { defaultHeadLimits } from '../http1/head.ts'
import { HeaderDecoder } from './decoder.ts'
import { uint31, uint32 } from './frame-reader.ts'
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  HEADERS,
  PING,
  PREFACE,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './protocol.ts'
import { Http2Connection } from './server.ts'

/** For tests: frames as bytes, and the front on a connection in memory. */

/** A frame with a payload of these bytes. */
export function frame(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

export type Fields = readonly (readonly [name: string, value: string])[]

/** A header block of literals that no table keeps, as they are. */
export function block(fields: Fields): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))
}

/** A text of HPACK, without Huffman codes. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const head = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) head.push((rest % 128) + 128)
  return Buffer.concat([Buffer.from([...head, rest]), bytes])
}

/** The head of a request without a body, unless `flags` say otherwise. */
export function request(streamId: number, fields: Fields = GET, flags = END_HEADERS | END_STREAM): Buffer {
  return frame(HEADERS, flags, streamId, block(fields))
}

export const GET: Fields = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', 'shop.test'],
  [':path', '/a'],
]
export const POST: Fields = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':authority', 'shop.test'],
  [':path', '/a'],
]

export const data = (streamId: number, content: string | Buffer, isEnd = false): Buffer =>
  frame(DATA, isEnd ? END_STREAM : 0, streamId, Buffer.from(content as string, 'latin1'))

export const reset = (streamId: number, code = 8): Buffer => frame(RST_STREAM, 0, streamId, number32(code))

export const windowUpdate = (streamId: number, increment: number): Buffer =>
  frame(WINDOW_UPDATE, 0, streamId, number32(increment))

export const ping = (flags = 0): Buffer => frame(PING, flags, 0, Buffer.alloc(8))

export const priority = (streamId: number): Buffer => frame(PRIORITY, 0, streamId, Buffer.alloc(5))

/** SETTINGS of pairs of identifier and value. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6)
  for (const [i, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, i * 6)
    payload.writeUInt32BE(value, i * 6 + 2)
  }
  return frame(SETTINGS, 0, 0, payload)
}

/** What every client begins with. */
export const HELLO = Buffer.concat([PREFACE, settings()])

export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A frame as it was written. */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

/** Cuts bytes into whole frames. */
export function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  let at = 0
  while (at + 9 <= bytes.length) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    const [type = 0, flags = 0] = bytes.subarray(at + 3)
    frames.push({ type, flags, streamId: uint31(bytes, at + 5), payload: bytes.subarray(at + 9, end) })
    at = end
  }
  return frames
}

/** What came of one stream. */
export interface Answer {
  head: [name: string, value: string][]
  body: string
  trailers: [name: string, value: string][]
  isEnded: boolean
  /** Code with which it was broken off; null where it was not. */
  resetCode: number | null
}

/** The answers in frames of a server. The frames must begin with the first of the connection, for their table. */
export function answersOf(frames: readonly Frame[]): Map<number, Answer> {
  const decoder = new HeaderDecoder()
  const answers = new Map<number, Answer>()
  const of = (id: number): Answer => {
    const found = answers.get(id) ?? { head: [], body: '', trailers: [], isEnded: false, resetCode: null }
    answers.set(id, found)
    return found
  }
  let parts: Buffer[] = []
  for (const { type, flags, streamId, payload } of frames) {
    if (type === RST_STREAM) of(streamId).resetCode = uint32(payload, 0)
    if (type === DATA) of(streamId).body += payload.toString('latin1')
    if (type === HEADERS || type === CONTINUATION) {
      parts.push(payload)
      if ((flags & END_HEADERS) !== 0) {
        const whole = Buffer.concat(parts)
        parts = []
        const answer = of(streamId)
        const into = answer.head.length === 0 ? answer.head : answer.trailers
        const sink = {
          take: ({ name, value }: { name: string; value: string }) => into.push([name, value]),
          overflow: () => undefined,
        }
        decoder.decode(whole, 0, whole.length, { maxHeadBytes: 1_000_000, maxHeaders: 10_000 }, sink)
      }
    }
    if ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0) of(streamId).isEnded = true
  }
  return answers
}

export const statusOf = (answer: Answer | undefined): number => Number(answer?.head[0]?.[1] ?? 0)

/** A client of the front, in memory. */
export class FakeClient {
  readonly socket = new FakeSocket()
  readonly finished: { status: number; isAborted: boolean }[] = []
  /** Bytes of head and body of each, both ways. */
  readonly bytes: [bytesIn: number, bytesOut: number][] = []
  readonly context: ConnectionContext
  readonly connection: Http2Connection
  isClosed = false
  now = 0

  constructor(server: RequestServer, limits: Partial<ClientLimits> = {}, isTrusted = false) {
    this.context = {
      server,
      wheel: new TimeWheel(() => this.now),
      limits: { ...defaultHeadLimits, ...defaultClientLimits, ...limits },
      isDraining: false,
      isTrusted: (address) => isTrusted && address === PEER.address,
      onClosed: () => {
        this.isClosed = true
      },
      onRequest: () => undefined,
      onFinished: (x: GatewayExchange, isAborted) => {
        this.finished.push({ status: x.response.status, isAborted })
        this.bytes.push([x.bytesIn, x.bytesOut])
      },
    }
    // The connection uses of a socket only what a stream has.
    // As of a socket, its end is seen without anybody reading.
    this.socket.resume()
    this.connection = new Http2Connection(this.socket as unknown as Socket, this.context, PEER)
  }

  /** Sends bytes, and lets what comes of them come. */
  async send(...parts: readonly Buffer[]): Promise<this> {
    const bytes = Buffer.concat(parts)
    this.connection.read(bytes, bytes.length)
    return this.settle()
  }

  async settle(): Promise<this> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    return this
  }

  /** Lets time go by. */
  async pass(ms: number): Promise<this> {
    this.now += ms
    this.context.wheel.tick()
    return this.settle()
  }

  get frames(): Frame[] {
    return framesOf(Buffer.from(this.socket.answer, 'latin1'))
  }

  answer(streamId: number): Answer | undefined {
    return answersOf(this.frames).get(streamId)
  }

  /** Codes of the GOAWAY frames. */
  get goAways(): number[] {
    return this.frames.filter(({ type }) => type === GOAWAY).map(({ payload }) => uint32(payload, 4))
  }

  count(type: number, flags = 0): number {
    return this.frames.filter((one) => one.type === type && (one.flags & flags) === flags).length
  }
}

const PEER = { address: '192.0.2.1', scheme: 'http', tls: null } as const

/** A client of a server that takes every request whole and answers 200, which has said hello. */
export async function connected(limits: Partial<ClientLimits> = {}): Promise<FakeClient & { server: TakingServer }> {
  const server = new TakingServer()
  const client = new FakeClient(server, limits)
  await client.send(HELLO)
  return Object.assign(client, { server })
}

export { TakingServer }
