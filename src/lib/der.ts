/** Writes DER (ITU-T X.690): each value is its tag, the length of its content, and its content. */

export const sequence = (...parts: readonly Buffer[]) => element(0x30, ...parts)
export const set = (...parts: readonly Buffer[]) => element(0x31, ...parts)
export const octets = (...parts: readonly Buffer[]) => element(0x04, ...parts)
export const utf8 = (text: string) => element(0x0c, Buffer.from(text, 'utf8'))
export const boolean = (value: boolean) => element(0x01, Buffer.from([value ? 0xff : 0]))
/** Whole bytes as a string of bits, of which `unused` at the end say nothing. */
export const bits = (content: Buffer, unused = 0) => element(0x03, Buffer.from([unused]), content)
/** What the context gives a meaning by a number: `[number]`. */
export const tagged = (number: number, ...parts: readonly Buffer[]) => element(0xa0 | number, ...parts)
/** The same around plain bytes: `[number] IMPLICIT`. */
export const taggedBytes = (number: number, content: Buffer) => element(0x80 | number, content)

/** A number of 0 and up, as big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  // A first bit would make it negative.
  return element(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.of(0), bytes]))
}

/** An object identifier in its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** A time, to the second: two digits of the year up to 2049, four from then on (RFC 5280, section 4.1.2.5). */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : element(0x18, Buffer.from(digits, 'latin1'))
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

function base128(arc: number): number[] {
  const digits = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80)
  return digits
}
