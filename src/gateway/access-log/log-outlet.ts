import type { MessagePort } from 'node:worker_threads'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { LineBytes } from '../../lib/line-bytes.ts'
import type { LogSink } from '../../plugins/log-sinks.ts'
import type { LogWriter } from '../../plugins/plugin.ts'
import type { GatewayExchange } from '../exchange.ts'
import type { StageLogs } from '../plugin-env.ts'
import type { LineQueue } from './line-queue.ts'
import { BATCH_BYTES, LARGE_BATCH_BYTES, type LogBatch, type LogMessage, type LogReceipt } from './protocol.ts'

/**
 * The worker's end of the access log: lines become bytes in a buffer per sink, and whole buffers go to the log thread. What is
 * on its way is bounded; beyond that lines are dropped and counted, so that a sink that is stuck costs neither time nor memory.
 */

/** Bytes of one sink that a worker may have on their way: half a second of a worker that is as busy as one can be. */
export const MOST_BYTES_UNDER_WAY = 16_777_216
/** Buffers of each size that are kept to be used again. */
const MOST_SPARES = 16
/** A buffer that is emptier than this is sent as a copy of what is in it. */
const WORTH_SENDING_WHOLE = BATCH_BYTES / 4
/** Where there is less room than this a line is put into the next buffer; a longer one makes its own larger. */
const ROOM_FOR_LINE = 4_096
/** How long a line waits for others. */
const FLUSH_MS = 250

/** Makes the way to the log thread. */
export type OpenPort = () => MessagePort

/** All sinks of one worker. */
export class LogOutlet {
  private readonly openPort: OpenPort
  /** What is still to become lines. */
  private readonly queue: Pick<LineQueue, 'makeAll'>
  private port: MessagePort | null = null
  private readonly writers = new Map<string, SinkWriter>()
  private readonly byNumber = new Map<number, SinkWriter>()
  private readonly spares = new Map<number, ArrayBuffer[]>([
    [BATCH_BYTES, []],
    [LARGE_BATCH_BYTES, []],
  ])
  private lastNumber = 0
  private timer: NodeJS.Timeout | null = null

  constructor(openPort: OpenPort, queue: Pick<LineQueue, 'makeAll'>) {
    this.openPort = openPort
    this.queue = queue
  }

  /** The sinks as the plugins of one stage open them. */
  forStage(): StageLogs {
    const keys = new Set<string>()
    return {
      keys,
      open: (sink) => {
        const key = keyOf(sink)
        keys.add(key)
        return this.writer(key, sink)
      },
      // The exchanges of this gateway are the only ones that its plugins are called with.
      later: (x, maker, rest) => (x as GatewayExchange).wantLine(maker, rest),
    }
  }

  /** Closes the sinks that no stage writes to any more. One that a request under way still writes to opens again for it. */
  retain(keys: ReadonlySet<string>): void {
    this.queue.makeAll()
    for (const [key, writer] of this.writers) {
      if (keys.has(key)) continue
      writer.close()
      this.writers.delete(key)
    }
  }

  /** Hands over all lines. */
  flush(): void {
    this.queue.makeAll()
    for (const writer of this.byNumber.values()) writer.flush()
  }

  /** Stops handing lines over by itself. */
  stop(): void {
    if (this.timer !== null) clearInterval(this.timer)
    this.timer = null
  }

  /** For writers: sends a message, over a new way where the old one is gone. */
  send(message: LogMessage, transfer: ArrayBuffer[] = []): void {
    this.connected().postMessage(message, transfer)
  }

  /** For writers: their number on the way that there is. */
  register(writer: SinkWriter): number {
    this.connected()
    const number = ++this.lastNumber
    this.byNumber.set(number, writer)
    return number
  }

  forget(number: number): void {
    this.byNumber.delete(number)
  }

  /** For writers: a buffer of a size of batches, or a larger one. */
  buffer(size: number): ArrayBuffer {
    return this.spares.get(size)?.pop() ?? new ArrayBuffer(size)
  }

  /** For writers: keeps a buffer that is not needed any more for who needs one. */
  keep(buffer: ArrayBuffer): void {
    const spares = this.spares.get(buffer.byteLength)
    if (spares !== undefined && spares.length < MOST_SPARES) spares.push(buffer)
  }

  private writer(key: string, sink: LogSink): SinkWriter {
    const known = this.writers.get(key)
    if (known !== undefined) return known
    const writer = new SinkWriter(key, sink, this)
    this.writers.set(key, writer)
    // The thread takes a moment to start: it is to be there when the first line comes.
    this.connected()
    this.timer ??= setInterval(() => this.flush(), FLUSH_MS)
    return writer
  }

  private connected(): MessagePort {
    if (this.port !== null) return this.port
    const port = this.openPort()
    this.port = port
    port.on('message', (receipt: LogReceipt) => this.onReceipt(receipt))
    port.on('close', () => this.onClosed())
    return port
  }

  private onReceipt({ sink, size, lines, buffer }: LogReceipt): void {
    if (buffer !== null) this.keep(buffer)
    this.byNumber.get(sink)?.onReceipt(size, lines)
  }

  /** The log thread is gone, and what was on its way with it: the next line finds the new one. */
  private onClosed(): void {
    this.port = null
    const writers = [...this.byNumber.values()]
    this.byNumber.clear()
    for (const writer of writers) writer.onDisconnected()
  }
}

/** What makes a sink another one. A file is the same whatever its rotation: nobody else may write to it. */
function keyOf(sink: LogSink): string {
  return canonicalJson(sink)
}

/** Collects the lines of one sink in one worker. */
class SinkWriter implements LogWriter {
  private readonly key: string
  private readonly sink: LogSink
  private readonly outlet: LogOutlet
  private readonly isSyslog: boolean
  /** 0 while the log thread does not know it. */
  private number = 0
  /** What is written to, of which so much is whole lines; without a buffer while none is needed. */
  private readonly line = new LineBytes(NO_BUFFER)
  private used = 0
  /** How large the next buffer is to be. */
  private batchBytes = BATCH_BYTES
  private lines = 0
  /** Bytes and lines that the log thread has, and has not done with. */
  private underWay = 0
  private linesUnderWay = 0
  private dropped = 0

  constructor(key: string, sink: LogSink, outlet: LogOutlet) {
    this.key = key
    this.sink = sink
    this.outlet = outlet
    this.isSyslog = sink.settings.syslog !== undefined
  }

  begin(severity: number): LineBytes | null {
    const { line } = this
    if (this.used + ROOM_FOR_LINE > line.bytes.length && !this.nextBuffer()) {
      this.dropped++
      return null
    }
    line.length = this.used
    // Messages of syslog have their severity in front, which the log thread takes off.
    if (this.isSyslog) line.byte(ZERO + severity)
    return line
  }

  end(): void {
    this.line.byte(LF)
    this.used = this.line.length
    this.lines++
  }

  /** Hands over a buffer that is full, and takes another. False where too much is on its way. */
  private nextBuffer(): boolean {
    const { line } = this
    this.batchBytes = line.bytes === NO_BUFFER ? BATCH_BYTES : LARGE_BATCH_BYTES
    this.handOver()
    if (this.underWay + ROOM_FOR_LINE > MOST_BYTES_UNDER_WAY) return false
    if (this.number === 0) this.open()
    this.tellDropped()
    line.writeTo(Buffer.from(this.outlet.buffer(this.batchBytes)))
    return true
  }

  /** Hands over what there is. */
  flush(): void {
    this.tellDropped()
    this.handOver()
  }

  private tellDropped(): void {
    if (this.dropped === 0 || this.number === 0) return
    this.outlet.send({ type: 'dropped', sink: this.number, lines: this.dropped })
    this.dropped = 0
  }

  private handOver(): void {
    const { used: size, lines } = this
    const { bytes } = this.line
    if (size === 0) return
    const isWhole = size > WORTH_SENDING_WHOLE
    // The buffer is the whole of its memory: it was made so.
    const whole = bytes.buffer as ArrayBuffer
    const buffer = isWhole ? whole : whole.slice(0, size)
    if (isWhole) this.line.writeTo(NO_BUFFER)
    else if (bytes.length > BATCH_BYTES) this.giveBack(whole)
    this.used = 0
    this.lines = 0
    this.underWay += size
    this.linesUnderWay += lines
    const batch: LogBatch = { buffer, size, lines }
    this.outlet.send({ type: 'lines', sink: this.number, batch }, [buffer])
  }

  close(): void {
    if (this.number === 0) return
    this.flush()
    this.outlet.send({ type: 'close', sink: this.number })
    this.outlet.forget(this.number)
    this.number = 0
    this.line.writeTo(NO_BUFFER)
    this.underWay = 0
    this.linesUnderWay = 0
  }

  onReceipt(size: number, lines: number): void {
    this.underWay -= size
    this.linesUnderWay -= lines
  }

  onDisconnected(): void {
    this.number = 0
    this.underWay = 0
    this.dropped += this.linesUnderWay + this.lines
    this.linesUnderWay = 0
    this.lines = 0
    this.used = 0
    this.line.writeTo(NO_BUFFER)
  }

  /** A sink that is not busy any more does not hold on to a large buffer. */
  private giveBack(buffer: ArrayBuffer): void {
    this.line.writeTo(NO_BUFFER)
    this.outlet.keep(buffer)
  }

  private open(): void {
    this.number = this.outlet.register(this)
    this.outlet.send({ type: 'open', sink: this.number, key: this.key, settings: this.sink })
  }
}

const NO_BUFFER = Buffer.allocUnsafeSlow(0)
const LF = 0x0a
const ZERO = 0x30
