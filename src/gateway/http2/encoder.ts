import type { HeaderList } from '../../lib/headers/header-list.ts'
import { ENTRY_BYTES } from './fields.ts'
import { staticIndex, staticNames } from './static-table.ts'

/**
 * Writes header blocks (RFC 7541). Fields that come again and again are put into the dynamic table; texts are written as they
 * are, without Huffman codes: those save some bytes of what is written once, and cost more time than all the rest.
 */

/** What there is to know of a name. */
interface KnownName {
  readonly name: string
  readonly bytes: number
  /** Of the static table, 0 for none. */
  readonly index: number
  readonly use: typeof LEAVE | typeof WRITE | typeof KEEP | typeof HIDE
}

/** A field of a connection of HTTP/1, which HTTP/2 does not have. */
const LEAVE = 0
/** Has another value each time. */
const WRITE = 1
/** Worth an entry. */
const KEEP = 2
/** Must not stand in a table, here or further on (RFC 7541, section 7.1.3). */
const HIDE = 3

const uses: Readonly<Record<string, KnownName['use']>> = {
  connection: LEAVE,
  'keep-alive': LEAVE,
  'proxy-connection': LEAVE,
  'transfer-encoding': LEAVE,
  upgrade: LEAVE,
  host: LEAVE,
  'content-length': WRITE,
  'content-range': WRITE,
  date: WRITE,
  etag: WRITE,
  expires: WRITE,
  age: WRITE,
  'last-modified': WRITE,
  location: WRITE,
  'x-request-id': WRITE,
  traceparent: WRITE,
  ':path': WRITE,
  referer: WRITE,
  'x-forwarded-for': WRITE,
  'grpc-timeout': WRITE,
  'set-cookie': HIDE,
  authorization: HIDE,
  'proxy-authorization': HIDE,
  cookie: HIDE,
}

/** Names by how they are written; so many, as they may come from anywhere. */
const known = new Map<string, KnownName>()
const MAX_KNOWN = 1_000

function nameOf(written: string): KnownName {
  const found = known.get(written)
  if (found !== undefined) return found
  const name = written.toLowerCase()
  const made = { name, bytes: name.length, index: staticNames.get(name) ?? 0, use: uses[name] ?? KEEP }
  if (known.size >= MAX_KNOWN) return made.use === KEEP ? { ...made, use: WRITE } : made
  known.set(written, made)
  return made
}

/** Statuses that are whole fields of the static table. */
const statusIndexes = Array.from({ length: 1_000 }, (_, status) => staticIndex(':status', String(status)))
const STATUS_NAME = staticNames.get(':status') ?? 0
const STATIC = 61

/** The most that we keep, whatever the other side allows: fields that are the same for all answers are few. */
const TABLE_BYTES = 4_096
/** A larger entry would push out too many others. */
const MAX_ENTRY_BYTES = 512

/** One block at a time, of whichever connection of this thread. */
let block = Buffer.allocUnsafeSlow(16_384)
let at = 0

function reserve(bytes: number): void {
  if (at + bytes <= block.length) return
  const larger = Buffer.allocUnsafeSlow((at + bytes) * 2)
  block.copy(larger, 0, 0, at)
  block = larger
}

export class HeaderEncoder {
  /** Entries from the oldest on. */
  private readonly names: KnownName[] = []
  private readonly values: string[] = []
  private tableBytes = 0
  private maxTableBytes = TABLE_BYTES
  /** What the table was made smaller to, and the other side has not been told yet; -1 for nothing. */
  private owedUpdate = -1

  /** Takes what the other side allows (SETTINGS_HEADER_TABLE_SIZE). */
  limitTable(bytes: number): void {
    const size = Math.min(bytes, TABLE_BYTES)
    // Made larger again it stays as it is: an update that is not needed is a block more to get right.
    if (size >= this.maxTableBytes) return
    this.maxTableBytes = size
    this.owedUpdate = size
    this.evict(size)
  }

  /** Begins a block. */
  begin(): void {
    at = 0
    if (this.owedUpdate === -1) return
    writeNumber(0x20, 5, this.owedUpdate)
    this.owedUpdate = -1
  }

  /** The block that was written, valid until the next begins. */
  get bytes(): Buffer {
    return block
  }

  get length(): number {
    return at
  }

  /** Writes `:status`. */
  status(status: number): void {
    const index = statusIndexes[status] ?? 0
    if (index !== 0) writeNumber(0x80, 7, index)
    else {
      writeNumber(0, 4, STATUS_NAME)
      writeText(String(status))
    }
  }

  /** Writes a whole field of the static table. */
  indexed(index: number): void {
    writeNumber(0x80, 7, index)
  }

  /** Writes all fields of a list. */
  fields(headers: HeaderList): void {
    for (let i = 0; i < headers.end; i++) {
      const name = headers.nameAt(i)
      if (name !== '') this.field(name, headers.valueAt(i))
    }
  }

  /** Writes a field. Those that HTTP/2 does not have are left out. */
  field(written: string, value: string): void {
    const name = nameOf(written)
    if (name.use === KEEP) return this.kept(name, value)
    if (name.use !== LEAVE) writeLiteral(name.use === HIDE ? 0x10 : 0, 4, name, value)
  }

  private kept(name: KnownName, value: string): void {
    const { names, values } = this
    for (let i = names.length - 1; i >= 0; i--)
      if (names[i] === name && values[i] === value) return writeNumber(0x80, 7, STATIC + names.length - i)
    const bytes = name.bytes + value.length + ENTRY_BYTES
    if (bytes > MAX_ENTRY_BYTES || bytes > this.maxTableBytes) return writeLiteral(0, 4, name, value)
    writeLiteral(0x40, 6, name, value)
    this.evict(this.maxTableBytes - bytes)
    names.push(name)
    values.push(value)
    this.tableBytes += bytes
  }

  private evict(maxBytes: number): void {
    while (this.tableBytes > maxBytes) {
      const name = this.names.shift()
      const value = this.values.shift()
      this.tableBytes -= (name?.bytes ?? 0) + (value?.length ?? 0) + ENTRY_BYTES
    }
  }
}

function writeLiteral(pattern: number, bits: number, name: KnownName, value: string): void {
  writeNumber(pattern, bits, name.index)
  if (name.index === 0) writeText(name.name)
  writeText(value)
}

/** Writes a number behind the bits of `pattern` (RFC 7541, section 5.1). */
function writeNumber(pattern: number, bits: number, number: number): void {
  reserve(6)
  const most = (1 << bits) - 1
  if (number < most) {
    block[at++] = pattern | number
    return
  }
  block[at++] = pattern | most
  let rest = number - most
  for (; rest >= 0x80; rest >>>= 7) block[at++] = (rest & 0x7f) | 0x80
  block[at++] = rest
}

/** Writes a text as it is, each character one byte. */
function writeText(text: string): void {
  writeNumber(0, 7, text.length)
  reserve(text.length)
  at += block.write(text, at, 'latin1')
}
