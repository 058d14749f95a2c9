import { join } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { LogSink } from '../../plugins/log-sinks.ts'
import { Notices } from '../notices.ts'
import { FileWriter } from './file-writer.ts'
import { HttpWriter } from './http-writer.ts'
import {
  BATCH_BYTES,
  LARGE_BATCH_BYTES,
  type LogBatch,
  type LogCommand,
  type LogMessage,
  type LogReceipt,
  type LogReport,
  type LogThreadData,
} from './protocol.ts'
import type { Gathering, Writer } from './sink.ts'
import { SinkQueue } from './sink-queue.ts'
import { StdoutWriter } from './stdout-writer.ts'
import { SyslogWriter } from './syslog-writer.ts'

/** The one thread that owns all sinks of the access log: what is slow or fails there is felt by nobody else. */

const STATUS_MS = 1_000
const AT_ONCE: Gathering = { mostBytes: 1_048_576, lingerMs: 0 }
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/** A sink, and the workers that write to it. */
interface SharedSink {
  readonly key: string
  readonly queue: SinkQueue
  readonly file: FileWriter | null
  users: number
}

class LogThread {
  private readonly data: LogThreadData
  private readonly report: (report: LogReport) => void
  private readonly sinks = new Map<string, SharedSink>()
  /** Sinks that nobody writes to any more, until they have written all. */
  private readonly closing = new Set<Promise<void>>()
  private readonly workers = new Set<WorkerPort>()
  private readonly notices = new Notices((message) => this.report({ type: 'notice', message }), Date.now)
  private lastStatus = ''
  private whenAlone: (() => void) | null = null

  constructor(data: LogThreadData, report: (report: LogReport) => void) {
    this.data = data
    this.report = report
    setInterval(() => this.tellStatus(), STATUS_MS)
  }

  execute(command: LogCommand): void {
    if (command.type === 'worker') this.workers.add(new WorkerPort(command.port, this))
    else if (command.type === 'reopen') for (const { queue } of this.sinks.values()) queue.reopen()
    else void this.stop(command.timeoutMs)
  }

  /** For ports: the sink of a worker. */
  attach(key: string, sink: LogSink): SharedSink {
    const { file } = sink.settings
    // A file has one writer, whatever its rotation; the settings that came last hold.
    const identity = file === undefined ? key : `file ${sink.owner} ${file.name}`
    const known = this.sinks.get(identity)
    const shared = known ?? this.create(identity, sink)
    if (file !== undefined) shared.file?.update(file)
    shared.users++
    this.sinks.set(identity, shared)
    return shared
  }

  detach(shared: SharedSink): void {
    shared.users--
    if (shared.users > 0) return
    this.sinks.delete(shared.key)
    const closed = shared.queue.close().then(() => {
      this.closing.delete(closed)
    })
    this.closing.add(closed)
  }

  onWorkerGone(worker: WorkerPort): void {
    this.workers.delete(worker)
    if (this.workers.size === 0) this.whenAlone?.()
  }

  private create(key: string, { settings, format, owner }: LogSink): SharedSink {
    const { http, file, syslog } = settings
    const now = Date.now
    const notice = (subject: string, message: string) => this.notices.say(subject, message)
    const queue = (name: string, writer: Writer, gathering = AT_ONCE) =>
      new SinkQueue({ owner, name, format, isMarked: syslog !== undefined, writer, gathering, notice, now })
    if (file !== undefined) {
      const writer = new FileWriter({ path: this.pathOf(owner, file.name), settings: file, now, notice })
      return { key, queue: queue(`file ${file.name}`, writer), file: writer, users: 0 }
    }
    if (http !== undefined) {
      const gathering = { mostBytes: http.batchBytes, lingerMs: http.batchSeconds * 1000 }
      // Not the whole URL: there may be a token in its path.
      const name = `http ${new URL(http.url).origin}`
      return { key, queue: queue(name, new HttpWriter(http, format, now), gathering), file: null, users: 0 }
    }
    if (syslog !== undefined) {
      const { hostName } = this.data
      const writer = new SyslogWriter({ settings: syslog, hostName, processId: process.pid, now })
      const name = `syslog ${syslog.transport}://${syslog.host}:${syslog.port}`
      return { key, queue: queue(name, writer), file: null, users: 0 }
    }
    return { key, queue: queue('stdout', new StdoutWriter()), file: null, users: 0 }
  }

  /** Names come from snapshots, whose schema has no others; looked at once more where they become a path. */
  private pathOf(owner: string, name: string): string {
    const parts = [...owner.split('/'), name]
    if (!parts.every((part) => NAME.test(part))) throw new Error(`${owner} ${name} cannot be a file of a log`)
    return join(this.data.folder, ...parts)
  }

  private tellStatus(): void {
    const sinks = [...this.sinks.values()].map(({ queue }) => queue.status())
    const text = JSON.stringify(sinks)
    if (text === this.lastStatus) return
    this.lastStatus = text
    this.report({ type: 'sinks', sinks })
  }

  /** Workers have ended, or will not be waited for: what has come of them is written. */
  private async stop(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.exit(), timeoutMs)
    if (this.workers.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.whenAlone = resolve
      await promise
    }
    await Promise.all(this.closing)
    clearTimeout(timer)
    this.exit()
  }

  private exit(): void {
    this.tellStatus()
    const lost = [...this.sinks.values()].filter(({ queue }) => queue.status().trouble !== null).length
    if (lost > 0) this.report({ type: 'notice', message: `${lost} access logs could not write all of their lines` })
    process.exit(0)
  }
}

/** What comes from one worker. */
class WorkerPort {
  private readonly port: MessagePort
  private readonly thread: LogThread
  private readonly sinks = new Map<number, SharedSink>()

  constructor(port: MessagePort, thread: LogThread) {
    this.port = port
    this.thread = thread
    port.on('message', (message: LogMessage) => this.take(message))
    port.on('close', () => this.onClose())
  }

  private take(message: LogMessage): void {
    const { sink: number } = message
    const shared = this.sinks.get(number)
    switch (message.type) {
      case 'open':
        this.sinks.set(number, this.thread.attach(message.key, message.settings))
        return
      case 'lines':
        shared?.queue.push(message.batch, (batch) => this.giveBack(number, batch))
        return
      case 'dropped':
        shared?.queue.countDropped(message.lines)
        return
      case 'close':
        if (shared !== undefined) this.thread.detach(shared)
        this.sinks.delete(number)
    }
  }

  private giveBack(sink: number, { buffer, size, lines }: LogBatch): void {
    const isReusable = buffer.byteLength === BATCH_BYTES || buffer.byteLength === LARGE_BATCH_BYTES
    const receipt: LogReceipt = { sink, size, lines, buffer: isReusable ? buffer : null }
    this.port.postMessage(receipt, isReusable ? [buffer] : [])
  }

  private onClose(): void {
    for (const shared of this.sinks.values()) this.thread.detach(shared)
    this.sinks.clear()
    this.thread.onWorkerGone(this)
  }
}

if (parentPort !== null) {
  const port = parentPort
  const thread = new LogThread(workerData as LogThreadData, (report) => port.postMessage(report))
  port.on('message', (command: LogCommand) => thread.execute(command))
}
