import type { MessagePort } from 'node:worker_threads'
import type { LogSink } from '../../plugins/log-sinks.ts'

/** What workers, the log thread and the supervisor say to one another. */

/** Worker to log thread. A sink is known by a number that the worker gives it. */
export type LogMessage =
  | { readonly type: 'open'; readonly sink: number; readonly key: string; readonly settings: LogSink }
  | { readonly type: 'lines'; readonly sink: number; readonly batch: LogBatch }
  /** Lines that were dropped since the last time that the worker said so. */
  | { readonly type: 'dropped'; readonly sink: number; readonly lines: number }
  | { readonly type: 'close'; readonly sink: number }

/** Whole lines, each with its end. */
export interface LogBatch {
  readonly buffer: ArrayBuffer
  /** How much of the buffer is lines. */
  readonly size: number
  readonly lines: number
}

/** Log thread to worker: so many bytes are done with, whatever became of them. The buffer comes back to be used again. */
export interface LogReceipt {
  readonly sink: number
  readonly size: number
  readonly lines: number
  readonly buffer: ArrayBuffer | null
}

/** Supervisor to log thread. */
export type LogCommand =
  | { readonly type: 'worker'; readonly port: MessagePort }
  | { readonly type: 'reopen' }
  /** Write all that has come, for at most so long, and end. */
  | { readonly type: 'stop'; readonly timeoutMs: number }

/** Log thread to supervisor. */
export type LogReport =
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'sinks'; readonly sinks: readonly SinkStatus[] }

/** How a sink is doing, since the log thread began. */
export interface SinkStatus {
  /** `SERVICE/STAGE`. */
  readonly owner: string
  /** `stdout`, `file access`, `http https://logs.example.com`, `syslog tls://host:6514`. */
  readonly sink: string
  readonly lines: number
  readonly bytes: number
  readonly droppedLines: number
  /** Why it does not take lines at this moment; null while it does. */
  readonly trouble: string | null
}

/** How the log thread is set up. */
export interface LogThreadData {
  readonly folder: string
  readonly hostName: string
}

/** The buffers that workers fill: small ones, and large ones for sinks that fill them faster than they are handed over. */
export const BATCH_BYTES = 65_536
export const LARGE_BATCH_BYTES = 262_144
