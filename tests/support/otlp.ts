import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/**
 * A collector of OpenTelemetry, as far as tests need one: takes OTLP over HTTP and decodes its protobuf by the numbers of
 * opentelemetry-proto, with nothing of the packages that encoded it.
 */

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status: number
  readonly resource: Readonly<Record<string, unknown>>
}

export interface ReceivedPoint {
  readonly name: string
  readonly kind: 'gauge' | 'sum' | 'histogram'
  readonly attributes: Readonly<Record<string, unknown>>
  /** Of a histogram its count. */
  readonly value: number
  readonly bucketCounts: readonly number[]
  readonly bounds: readonly number[]
}

export const SERVER = 2
export const CLIENT = 3
export const INTERNAL = 1

/** The running collector. */
export interface Collector {
  readonly url: string
  readonly spans: ReceivedSpan[]
  /** Of the last export of metrics. */
  points: ReceivedPoint[]
  /** All bodies as they came, unzipped, for whoever looks for what must not be there. */
  readonly bodies: Buffer[]
  readonly requests: IncomingMessage[]
  /** Answers instead of the usual; null for that. */
  respond: ((request: IncomingMessage, response: ServerResponse) => void) | null
  /** Waits until a condition holds of what has come. */
  until(condition: () => boolean, what: string): Promise<void>
  close(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const watchers = new Set<() => void>()
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const sent = Buffer.concat(parts)
    collector.requests.push(request)
    if (collector.respond !== null) {
      collector.respond(request, response)
    } else {
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      collector.bodies.push(body)
      const isJson = request.headers['content-type'] === 'application/json'
      if (request.url === '/v1/traces') collector.spans.push(...(isJson ? [] : readSpans(body)))
      else if (!isJson) collector.points = readPoints(body)
      response.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' })
      response.end(isJson ? '{}' : '')
    }
    for (const look of watchers) look()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    points: [],
    bodies: [],
    requests: [],
    respond: null,
    until(condition, what) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = () => {
        if (!condition()) return
        watchers.delete(look)
        clearTimeout(tooLate)
        resolve()
      }
      const tooLate = setTimeout(() => reject(new Error(`the collector never saw ${what}`)), 30_000)
      watchers.add(look)
      look()
      return promise
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return collector
}

// ── protobuf ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Message = ReadonlyMap<number, readonly (bigint | Buffer)[]>

/** Fields of a message by number: numbers as they are on the wire, all else as bytes. */
function decode(bytes: Buffer): Message {
  const fields = new Map<number, (bigint | Buffer)[]>()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('a protobuf message ends in the middle of a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number) => {
    if (at + length > bytes.length) throw new Error('a protobuf field is longer than its message')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    const value = readValue(Number(tag & 7n), varint, take)
    const number = Number(tag >> 3n)
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}

function readValue(wireType: number, varint: () => bigint, take: (length: number) => Buffer): bigint | Buffer {
  if (wireType === 0) return varint()
  if (wireType === 1) return take(8).readBigUInt64LE()
  if (wireType === 2) return take(Number(varint()))
  if (wireType === 5) return BigInt(take(4).readUInt32LE())
  throw new Error(`no field of OTLP has the wire type ${wireType}`)
}

const bytesOf = (message: Message, field: number) =>
  (message.get(field) ?? []).filter((value) => Buffer.isBuffer(value))
const messages = (message: Message, field: number) => bytesOf(message, field).map(decode)
const text = (message: Message, field: number) => bytesOf(message, field)[0]?.toString() ?? ''
const hex = (message: Message, field: number) => bytesOf(message, field)[0]?.toString('hex') ?? ''
const number = (message: Message, field: number) => {
  const [value] = message.get(field) ?? []
  return typeof value === 'bigint' ? value : 0n
}
const asDouble = (bits: bigint) => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(bits)
  return buffer.readDoubleLE()
}
/** A packed list of values of eight bytes. */
const packed = (message: Message, field: number) =>
  bytesOf(message, field).flatMap((bytes) =>
    Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readBigUInt64LE(i * 8)),
  )

function attributes(message: Message, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(message, field).map((pair) => [text(pair, 1), anyValue(messages(pair, 2)[0] ?? new Map())]),
  )
}

function anyValue(value: Message): unknown {
  if (value.has(1)) return text(value, 1)
  if (value.has(2)) return number(value, 2) === 1n
  if (value.has(3)) return Number(BigInt.asIntN(64, number(value, 3)))
  return value.has(4) ? asDouble(number(value, 4)) : null
}

function readSpans(body: Buffer): ReceivedSpan[] {
  return messages(decode(body), 1).flatMap((ofResource) => {
    const resource = attributes(messages(ofResource, 1)[0] ?? new Map(), 1)
    return messages(ofResource, 2).flatMap((ofScope) =>
      messages(ofScope, 2).map((span) => ({
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        traceState: text(span, 3),
        parentSpanId: hex(span, 4),
        name: text(span, 5),
        kind: Number(number(span, 6)),
        startTimeUnixNano: number(span, 7),
        endTimeUnixNano: number(span, 8),
        attributes: attributes(span, 9),
        status: Number(number(messages(span, 15)[0] ?? new Map(), 3)),
        resource,
      })),
    )
  })
}

function readPoints(body: Buffer): ReceivedPoint[] {
  return messages(decode(body), 1)
    .flatMap((ofResource) => messages(ofResource, 2))
    .flatMap((ofScope) => messages(ofScope, 2))
    .flatMap((metric) => {
      const name = text(metric, 1)
      const plain = (kind: 'gauge' | 'sum') => (point: Message) => ({
        name,
        kind,
        attributes: attributes(point, 7),
        value: point.has(6) ? Number(BigInt.asIntN(64, number(point, 6))) : asDouble(number(point, 4)),
        bucketCounts: [],
        bounds: [],
      })
      return [
        ...messages(metric, 5).flatMap((gauge) => messages(gauge, 1).map(plain('gauge'))),
        ...messages(metric, 7).flatMap((sum) => messages(sum, 1).map(plain('sum'))),
        ...messages(metric, 9).flatMap((histogram) =>
          messages(histogram, 1).map((point) => ({
            name,
            kind: 'histogram' as const,
            attributes: attributes(point, 9),
            value: Number(number(point, 4)),
            bucketCounts: packed(point, 6).map(Number),
            bounds: packed(point, 7).map(asDouble),
          })),
        ),
      ]
    })
}
