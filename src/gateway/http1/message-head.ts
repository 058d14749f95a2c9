import { HeaderList } from '../../lib/headers/header-list.ts'
import { SpecialFields } from './field-lines.ts'
import { CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE } from './fields.ts'
import { CHUNKED, type Framing, type HeadFault, NO_BODY, parseLength, SIZED } from './head.ts'

/** What request and response heads share. Reused from message to message. */
export abstract class MessageHead {
  /** Fields without those of framing, of the connection, and `Host`. */
  headers = new HeaderList()
  /** 0 or 1, of HTTP/1.x. */
  minorVersion = 1
  framing: Framing = NO_BODY
  /** Bytes of the body where the head says so, else -1. */
  contentLength = -1
  /** Whether the sender lets the connection go on. */
  keepAlive = true
  /** The protocols of `Upgrade`, in lower case, where `Connection` names it too (RFC 9110, section 7.8); else null. */
  upgrade: string | null = null
  protected readonly special = new SpecialFields()
  protected transferEncoding: string | null = null
  protected connectionOptions: string | null = null
  private upgradeOffer: string | null = null

  protected resetShared(): void {
    this.headers.clear()
    this.special.clear()
    this.framing = NO_BODY
    this.contentLength = -1
    this.transferEncoding = null
    this.connectionOptions = null
    this.upgrade = null
    this.upgradeOffer = null
  }

  /** Takes in the fields that mean something to the codec, now that `text`, the whole head, is there. */
  protected takeSpecial(text: string): HeadFault | null {
    const { fields, kinds } = this.special
    this.headers.readFrom(text)
    fields.readFrom(text)
    for (let i = 0; i < fields.count; i++) {
      const fault = this.takeField(kinds[i] as number, fields.valueAt(i), i)
      if (fault !== null) return fault
    }
    return null
  }

  /** Takes special field `i`. Those of both kinds of message are taken here. */
  protected takeField(kind: number, value: string, _i: number): HeadFault | null {
    switch (kind) {
      case CONTENT_LENGTH:
        // Even twice the same is refused: no sender that is worth it does that.
        if (this.contentLength !== -1) return 'invalid-framing'
        this.contentLength = parseLength(value)
        return this.contentLength === -1 ? 'invalid-framing' : null
      case TRANSFER_ENCODING:
        this.transferEncoding = joined(this.transferEncoding, value)
        return null
      case CONNECTION:
        this.connectionOptions = joined(this.connectionOptions, value)
        return null
      case UPGRADE:
        this.upgradeOffer = joined(this.upgradeOffer, value)
        return null
      default:
        return null
    }
  }

  /**
   * Decides the framing from the fields (RFC 9112, section 6.3). Both lengths at once, or a coding in HTTP/1.0, are what
   * smuggling is made of: faults.
   */
  protected settleFraming(): HeadFault | null {
    if (this.transferEncoding === null) {
      if (this.contentLength > 0) this.framing = SIZED
      return null
    }
    if (this.contentLength !== -1 || this.minorVersion === 0) return 'invalid-framing'
    if (this.transferEncoding.toLowerCase() !== 'chunked') return faultOfCodings(this.transferEncoding)
    this.framing = CHUNKED
    return null
  }

  /** Applies `Connection`: whether the connection goes on, and the fields that it names (RFC 9110, section 7.6.1). */
  protected settleConnection(): void {
    const { connectionOptions } = this
    this.keepAlive = this.minorVersion === 1
    if (connectionOptions === null) return
    if (connectionOptions === 'keep-alive' || connectionOptions === 'close') {
      this.keepAlive = connectionOptions === 'keep-alive'
      return
    }
    let isClosing = false
    for (const option of connectionOptions.toLowerCase().split(',')) {
      const name = option.trim()
      if (name === 'close') isClosing = true
      else if (name === 'keep-alive') this.keepAlive = true
      else if (name === 'upgrade') this.takeUpgrade()
      else this.headers.remove(name)
    }
    if (isClosing) this.keepAlive = false
  }

  /** HTTP/1.0 knows no upgrade: there it means nothing. */
  private takeUpgrade(): void {
    if (this.minorVersion === 1) this.upgrade = this.upgradeOffer?.toLowerCase() ?? null
  }
}

/** Several fields of one name mean the same as one with a list (RFC 9110, section 5.2). */
export function joined(list: string | null, value: string): string {
  return list === null ? value : `${list},${value}`
}

/** Unknown codings are 501 (RFC 9112, section 6.1); known ones in a wrong place are faults of framing. */
function faultOfCodings(codings: string): HeadFault {
  const known = codings.split(',').every((coding) => /^(?:chunked)?$/i.test(coding.trim()))
  return known || (!/chunked\s*$/i.test(codings) && /chunked/i.test(codings))
    ? 'invalid-framing'
    : 'unsupported-transfer-coding'
}
