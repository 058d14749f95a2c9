import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { FileSettings } from '../../plugins/log-sinks.ts'
import { ALL_WRITTEN, countOf, type Lines, linesWithin, type Writer, type Written } from './sink.ts'

/**
 * A file of the log, with rotation. Writes are synchronous: they go to the page cache, and this thread has nothing better to do.
 * A line is in the file as a whole or not at all.
 */

/** How often it is looked whether the file is still the one that its name leads to. */
const LOOK_MS = 1_000
/** Between two attempts, where the file cannot be written. */
const RETRY_MS = 1_000
const EVERY_MS = { never: Number.POSITIVE_INFINITY, hour: 3_600_000, day: 86_400_000 } as const

/** An open file. */
interface OpenFile {
  readonly fd: number
  readonly inode: number
  size: number
  /** The hour or day that it was begun in. */
  readonly period: number
}

export interface FileWriterParts {
  /** Without its `.log`. */
  readonly path: string
  readonly settings: FileSettings
  now(): number
  /** For the program's log, which hears of one subject once a minute at most. */
  notice(subject: string, message: string): void
}

export class FileWriter implements Writer {
  private readonly parts: FileWriterParts
  private readonly path: string
  private settings: FileSettings
  private file: OpenFile | null = null
  private lookAt = 0
  private retryAt = 0
  private trouble = ''
  /** Files of before are compressed one after the other. */
  private compressing: Promise<void> = Promise.resolve()

  constructor(parts: FileWriterParts) {
    this.parts = parts
    this.settings = parts.settings
    this.path = `${parts.path}.log`
  }

  /** Rotates by other settings from now on. */
  update(settings: FileSettings): void {
    this.settings = settings
  }

  async write(all: readonly Lines[]): Promise<Written> {
    const now = this.parts.now()
    // A disk that is full is not asked for every batch.
    if (now < this.retryAt) return { lost: countOf(all), trouble: this.trouble }
    let done = 0
    try {
      for (const lines of all) {
        this.append(this.ready(now, lines.bytes.length), lines)
        done++
      }
      return ALL_WRITTEN
    } catch (error) {
      return this.fail(error, all, done, now)
    }
  }

  async close(): Promise<void> {
    this.shut()
    await this.compressing
  }

  reopen(): void {
    this.shut()
  }

  /** The file that so many more bytes go to. */
  private ready(now: number, size: number): OpenFile {
    if (this.file !== null && now >= this.lookAt && !this.isThere(this.file)) this.shut()
    this.file ??= this.open(now)
    if (now >= this.lookAt) this.lookAt = now + LOOK_MS
    const { maxBytes, every } = this.settings
    const isFull = maxBytes > 0 && this.file.size > 0 && this.file.size + size > maxBytes
    const isOver = this.file.size > 0 && this.file.period !== periodOf(now, every)
    if (isFull || isOver) {
      this.rotate(now)
      this.file ??= this.open(now)
    }
    return this.file
  }

  /** Whether the name still leads to the file: it was not moved away or deleted. */
  private isThere({ inode }: OpenFile): boolean {
    return statSync(this.path, { throwIfNoEntry: false })?.ino === inode
  }

  private open(now: number): OpenFile {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o750 })
    const fd = openSync(this.path, 'a', 0o640)
    const { ino: inode, size, mtimeMs } = fstatSync(fd)
    const { every } = this.settings
    return { fd, inode, size, period: periodOf(size > 0 ? mtimeMs : now, every) }
  }

  /** Throws what the system throws, with the file as it was but for whole lines. */
  private append(file: OpenFile, { bytes }: Lines): void {
    const before = file.size
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(file.fd, bytes, written)
      file.size += written
    } catch (error) {
      const whole = bytes.lastIndexOf('\n', written - 1) + 1
      const kept = written === 0 ? 0 : whole
      if (kept < written) ftruncateSync(file.fd, before + kept)
      file.size = before + kept
      throw new PartlyWritten(error, linesWithin(bytes, kept))
    }
  }

  private fail(error: unknown, all: readonly Lines[], done: number, now: number): Written {
    const partly = error instanceof PartlyWritten ? error.lines : 0
    const cause = error instanceof PartlyWritten ? error.cause : error
    this.shut()
    this.retryAt = now + RETRY_MS
    this.trouble = `${this.path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
    return { lost: countOf(all.slice(done)) - partly, trouble: this.trouble }
  }

  private shut(): void {
    const { file } = this
    this.file = null
    this.lookAt = 0
    if (file !== null) closeSync(file.fd)
  }

  /** Gives the file its name of before, and begins a new one with the next line. */
  private rotate(now: number): void {
    this.shut()
    const rotated = this.freeName(now)
    renameSync(this.path, rotated)
    if (!this.settings.compress) return this.prune()
    this.compressing = this.compressing.then(async () => {
      try {
        await compress(rotated)
      } catch (error) {
        this.parts.notice(
          `${this.path} compress`,
          `${rotated} could not be compressed: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
      this.prune()
    })
  }

  /** Names sort by their times; two of the same second are told apart by a number. */
  private freeName(now: number): string {
    const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
    const taken = new Set(this.rotated().map((name) => name.replace(/\.gz$/, '')))
    for (let i = 0; ; i++) {
      const name = `${this.prefix()}${stamp}Z${i === 0 ? '' : `_${String(i).padStart(3, '0')}`}.log`
      if (!taken.has(name)) return join(dirname(this.path), name)
    }
  }

  private prefix(): string {
    return `${this.parts.path.slice(dirname(this.parts.path).length + 1)}.`
  }

  /** Names of files of before, the oldest first. */
  private rotated(): string[] {
    const prefix = this.prefix()
    return readdirSync(dirname(this.path))
      .filter((name) => name.startsWith(prefix) && ROTATED.test(name.slice(prefix.length)))
      .sort()
  }

  private prune(): void {
    const names = this.rotated()
    for (const name of names.slice(0, Math.max(0, names.length - this.settings.keep)))
      rmSync(join(dirname(this.path), name), { force: true })
  }
}

const ROTATED = /^\d{8}T\d{6}Z(?:_\d{3,})?\.log(?:\.gz)?$/

function periodOf(time: number, every: FileSettings['every']): number {
  return Math.floor(time / EVERY_MS[every])
}

/** A write that failed when some lines were written. */
class PartlyWritten extends Error {
  readonly lines: number

  constructor(cause: unknown, lines: number) {
    super('partly written', { cause })
    this.lines = lines
  }
}

/** Until the compressed file is whole it has another name, so that a crash leaves the file as it was. */
async function compress(file: string): Promise<void> {
  const half = `${file}.gz.half`
  await pipeline(createReadStream(file), createGzip(), createWriteStream(half, { mode: 0o640 }))
  renameSync(half, `${file}.gz`)
  rmSync(file, { force: true })
}
