import { PLAIN } from '../http1/fields.ts'
import { ENTRY_BYTES, type Field, type Kind, kindOfField, kindOfName } from './fields.ts'
import { decodeHuffman } from './huffman.ts'
import { COMPRESSION_ERROR, ConnectionError } from './protocol.ts'
import { staticTable } from './static-table.ts'

/** What takes the fields of a block, one after another. */
export interface FieldSink {
  /** `field` is only valid during the call: what is needed of it are its strings. */
  take(field: Field): void
  /** The fields are too large or too many: there are more, which are not given. */
  overflow(): void
}

/** Limits on a block: its fields together, as HTTP/1.1 would write them, and how many there are (crumbs of cookies do not count). */
export interface BlockLimits {
  readonly maxHeadBytes: number
  readonly maxHeaders: number
}

/** Bytes of the dynamic table: what everybody has unless they say otherwise, and enough for the fields of one client. */
const TABLE_BYTES = 4_096
/** As many entries fit; a power of two. */
const RING = TABLE_BYTES / ENTRY_BYTES
/** A number takes four bytes more at most: nothing that we take is longer than 2^28. */
const MAX_SHIFT = 21
/** `: ` and CRLF. */
const LINE_BYTES = 4
const NO_BYTES = Buffer.alloc(0)

const STATIC = staticTable.length
/** What Huffman codes are decoded into; made larger as needed. */
let scratch = Buffer.allocUnsafeSlow(32_768)

/** A field that is written anew for each literal that no table keeps. */
class Literal implements Field {
  name = ''
  value = ''
  kind: Kind = PLAIN
  nameKind: Kind = PLAIN
  tableBytes = 0
}

/**
 * Decodes header blocks (RFC 7541). Fields are checked when they are made, so one that stands in a table is checked once for
 * all requests that use it. Whatever a block holds, the table is kept right; too much of it only stops to be given on.
 */
export class HeaderDecoder {
  private readonly ring: Literal[] = []
  /** Where the newest entry is. */
  private newest = RING - 1
  private count = 0
  private tableBytes = 0
  private maxTableBytes = TABLE_BYTES
  private at = 0
  /** The text that was read last. */
  private text: Buffer = NO_BYTES
  private textStart = 0
  private textEnd = 0
  private readonly unkept = new Literal()

  /**
   * Decodes one block, which stands in `bytes` from `start` to `end`. Throws a `ConnectionError` for one that cannot be decoded:
   * nothing that comes after it on the connection could be.
   */
  decode(bytes: Buffer, start: number, end: number, limits: BlockLimits, sink: FieldSink): void {
    let roomBytes = limits.maxHeadBytes
    let roomFields = limits.maxHeaders
    let isCut = false
    this.at = start
    this.readUpdates(bytes, end)
    while (this.at < end) {
      const field = this.next(bytes, end)
      roomBytes -= field.name.length + field.value.length + LINE_BYTES
      if (field.name !== 'cookie') roomFields--
      if (roomBytes >= 0 && roomFields >= 0) sink.take(field)
      else if (!isCut) {
        isCut = true
        sink.overflow()
      }
    }
  }

  /** Changes of the table's size, which may only stand at the beginning of a block (RFC 7541, section 4.2): two are enough for all. */
  private readUpdates(bytes: Buffer, end: number): void {
    for (let count = 0; this.at < end && ((bytes[this.at] as number) & 0xe0) === 0x20; count++) {
      const size = this.readNumber(bytes, end, 5)
      if (size > TABLE_BYTES || count === 2) throw broken('the table changes its size in a way that is not allowed')
      this.maxTableBytes = size
      this.evict(size)
    }
  }

  /** Reads one representation (RFC 7541, section 6). */
  private next(bytes: Buffer, end: number): Field {
    const first = bytes[this.at] as number
    if (first >= 0x80) return this.fieldAt(this.readNumber(bytes, end, 7))
    if (first >= 0x40) return this.insert(this.readLiteral(bytes, end, 6, new Literal()))
    if (first >= 0x20) throw broken('the table changes its size within a block')
    return this.readLiteral(bytes, end, 4, this.unkept)
  }

  private readLiteral(bytes: Buffer, end: number, bits: number, into: Literal): Literal {
    const index = this.readNumber(bytes, end, bits)
    if (index === 0) {
      this.readText(bytes, end)
      into.name = this.text.toString('latin1', this.textStart, this.textEnd)
      into.nameKind = kindOfName(this.text, this.textStart, this.textEnd, into.name)
    } else {
      const known = this.fieldAt(index)
      into.name = known.name
      into.nameKind = known.nameKind
    }
    this.readText(bytes, end)
    into.value = this.text.toString('latin1', this.textStart, this.textEnd)
    into.kind = kindOfField(into.nameKind, into.name, this.text, this.textStart, this.textEnd)
    into.tableBytes = into.name.length + into.value.length + ENTRY_BYTES
    return into
  }

  /** Reads a number whose first byte has `bits` bits of it (RFC 7541, section 5.1). */
  private readNumber(bytes: Buffer, end: number, bits: number): number {
    const most = (1 << bits) - 1
    let number = (bytes[this.at++] as number) & most
    if (number < most) return number
    for (let shift = 0; shift <= MAX_SHIFT; shift += 7) {
      if (this.at >= end) throw broken('a number is cut off')
      const byte = bytes[this.at++] as number
      number += (byte & 0x7f) << shift
      if (byte < 0x80) return number
    }
    throw broken('a number is too large')
  }

  /** Reads a text (RFC 7541, section 5.2). */
  private readText(bytes: Buffer, end: number): void {
    if (this.at >= end) throw broken('a text is missing')
    const isCoded = (bytes[this.at] as number) >= 0x80
    const length = this.readNumber(bytes, end, 7)
    const start = this.at
    if (length > end - start) throw broken('a text is cut off')
    this.at = start + length
    if (!isCoded) {
      this.text = bytes
      this.textStart = start
      this.textEnd = this.at
      return
    }
    // The shortest code has five bits.
    if (scratch.length < length * 1.6) scratch = Buffer.allocUnsafeSlow(length * 2)
    const decoded = decodeHuffman(bytes, start, this.at, scratch)
    if (decoded === -1) throw broken('a Huffman code is wrong')
    this.text = scratch
    this.textStart = 0
    this.textEnd = decoded
  }

  private fieldAt(index: number): Field {
    const field = index <= STATIC ? staticTable[index - 1] : this.entry(index - STATIC - 1)
    if (field === undefined) throw broken('there is no entry of this index')
    return field
  }

  /** The entry that came `age` entries before the newest. */
  private entry(age: number): Literal | undefined {
    return age < this.count ? this.ring[(this.newest - age) & (RING - 1)] : undefined
  }

  /** Adds an entry; one that is larger than the table leaves it empty (RFC 7541, section 4.4). */
  private insert(field: Literal): Field {
    this.evict(this.maxTableBytes - field.tableBytes)
    if (field.tableBytes > this.maxTableBytes) return field
    this.newest = (this.newest + 1) & (RING - 1)
    this.ring[this.newest] = field
    this.count++
    this.tableBytes += field.tableBytes
    return field
  }

  /** Drops the oldest entries until the others have at most so many bytes. */
  private evict(maxBytes: number): void {
    while (this.count > 0 && this.tableBytes > maxBytes) {
      this.tableBytes -= this.entry(this.count - 1)?.tableBytes ?? 0
      this.count--
    }
  }
}

function broken(what: string): ConnectionError {
  return new ConnectionError(COMPRESSION_ERROR, `a header block is wrong: ${what}`)
}
