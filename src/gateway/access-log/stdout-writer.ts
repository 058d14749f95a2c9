import { fstatSync, openSync, write, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { ALL_WRITTEN, countOf, type Lines, linesWithin, type Writer, type Written } from './sink.ts'

/**
 * The program's standard output. Who reads it may be slow or stop reading: then nothing here may block, or the program could not
 * even end. So a pipe is opened anew and written without blocking; a file or a terminal is written as it is.
 */

const STDOUT = 1
/** Between two attempts, where the reader cannot take more at the moment. */
const AGAIN_MS = 20

/** Writes bytes; rejects with what the system says, and how much was written. */
type WriteBytes = (bytes: Buffer) => Promise<void>

export class StdoutWriter implements Writer {
  private readonly writeBytes: WriteBytes

  constructor(writeBytes: WriteBytes = stdoutBytes()) {
    this.writeBytes = writeBytes
  }

  async write(all: readonly Lines[]): Promise<Written> {
    let done = 0
    try {
      for (const { bytes } of all) {
        await this.writeBytes(bytes)
        done++
      }
      return ALL_WRITTEN
    } catch (error) {
      const written =
        error instanceof OutputFailed ? linesWithin(all[done]?.bytes ?? Buffer.alloc(0), error.written) : 0
      const message = error instanceof Error ? error.message : String(error)
      return { lost: countOf(all.slice(done)) - written, trouble: `standard output cannot be written: ${message}` }
    }
  }

  /** Standard output is the program's, and stays open. */
  async close(): Promise<void> {}
}

/** A write that failed when so many bytes were written. */
class OutputFailed extends Error {
  readonly written: number

  constructor(cause: Error, written: number) {
    super(cause.message, { cause })
    this.written = written
  }
}

function stdoutBytes(): WriteBytes {
  const stat = fstatSync(STDOUT)
  if (stat.isFIFO()) return pipeBytes()
  if (stat.isSocket()) return socketBytes
  return fileBytes
}

/** A description of its own for the pipe, so that closing it, or that it never blocks, is nobody else's matter. */
function pipeBytes(): WriteBytes {
  const pipe = new Socket({ fd: openSync('/dev/stdout', 'w'), readable: false, writable: true })
  pipe.unref()
  let failure: Error | null = null
  pipe.on('error', (error) => {
    failure = error
  })
  return (bytes) =>
    new Promise((resolve, reject) => {
      if (failure !== null) return reject(failure)
      pipe.ref()
      pipe.write(bytes, (error) => {
        pipe.unref()
        if (error) reject(error)
        else resolve()
      })
    })
}

async function fileBytes(bytes: Buffer): Promise<void> {
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(STDOUT, bytes, at)
    } catch (error) {
      await waitIfFull(error, at)
    }
  }
}

/** The journal of systemd, say, which cannot be opened anew. */
async function socketBytes(bytes: Buffer): Promise<void> {
  let at = 0
  while (at < bytes.length) {
    try {
      at += await new Promise<number>((resolve, reject) => {
        write(STDOUT, bytes, at, (error, written) => (error === null ? resolve(written) : reject(error)))
      })
    } catch (error) {
      await waitIfFull(error, at)
    }
  }
}

async function waitIfFull(error: unknown, written: number): Promise<void> {
  const cause = error instanceof Error ? error : new Error(String(error))
  if (!('code' in cause) || cause.code !== 'EAGAIN') throw new OutputFailed(cause, written)
  await wait(AGAIN_MS)
}
