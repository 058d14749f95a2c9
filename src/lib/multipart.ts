/** Forms as `multipart/form-data` (RFC 7578): what their fields are, for checks; the body itself goes on as it came. */

/** One part. */
export interface FormPart {
  readonly name: string
  /** Null for a file. */
  readonly text: string | null
}

const MAX_PARTS = 1_000
const MAX_HEAD_BYTES = 8_192
const HEAD_END = '\r\n\r\n'

/** The boundary that a Content-Type names (RFC 2046, section 5.1.1); null for none. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? plain ?? null
}

/** The parts of a body; null for one that is not well-formed, or has too many. */
export function readParts(body: Buffer, boundary: string): FormPart[] | null {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  // The first delimiter has no line break before it where nothing stands before it.
  let at = body.indexOf(delimiter.subarray(2)) === 0 ? delimiter.length - 2 : afterFirst(body, delimiter)
  const parts: FormPart[] = []
  while (at !== -1) {
    if (body.toString('latin1', at, at + 2) === '--') return parts
    if (body.toString('latin1', at, at + 2) !== '\r\n' || parts.length === MAX_PARTS) return null
    // A part without header fields begins with the empty line at once.
    const headEnd = body.indexOf(HEAD_END, at)
    const end = body.indexOf(delimiter, at)
    if (headEnd === -1 || end === -1 || headEnd > end || headEnd - at > MAX_HEAD_BYTES) return null
    const part = readPart(body.toString('utf8', at + 2, headEnd), () =>
      body.toString('utf8', headEnd + HEAD_END.length, end),
    )
    if (part === null) return null
    parts.push(part)
    at = end + delimiter.length
  }
  return null
}

function afterFirst(body: Buffer, delimiter: Buffer): number {
  const first = body.indexOf(delimiter)
  return first === -1 ? -1 : first + delimiter.length
}

function readPart(head: string, read: () => string): FormPart | null {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1]
  if (disposition === undefined) return null
  const [, name] = /(?:^|;)\s*name="((?:[^"\\\r\n]|\\.)*)"/i.exec(disposition) ?? []
  if (name === undefined) return null
  const isFile = /(?:^|;)\s*filename\*?=/i.test(disposition)
  // As browsers write it (WHATWG HTML, section 4.10.21.8).
  const decoded = name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')
  return { name: decoded, text: isFile ? null : read() }
}
