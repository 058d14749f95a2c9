import { randomFillSync } from 'node:crypto'

/** Random bytes are drawn from the system a page at a time: a call for each id would cost more than the request's routing. */
const page = Buffer.alloc(4096)
let used = page.length

/** `bytes` random bytes (at most 512) as hexadecimal text. */
export function randomHex(bytes: number): string {
  if (used + bytes > page.length) {
    randomFillSync(page)
    used = 0
  }
  const text = page.toString('hex', used, used + bytes)
  page.fill(0, used, used + bytes)
  used += bytes
  return text
}

/** Ids are cut out of one text, which stays for as long as any of them does: an idle connection keeps its last one. */
const IDS_BYTES = 512
export const ID_DIGITS = 32
let ids = ''
let idsUsed = 0

/** The id of a request: 16 random bytes as hexadecimal text. It costs a twentieth of `randomHex`, but is no secret: it stays in memory. */
export function randomId(): string {
  if (idsUsed === ids.length) {
    ids = randomHex(IDS_BYTES)
    idsUsed = 0
  }
  const start = idsUsed
  idsUsed += ID_DIGITS
  return ids.slice(start, idsUsed)
}

/** Two hexadecimal digits for each byte, as a text of two bytes. */
const PAIRS = Int32Array.from({ length: 256 }, (_, byte) => {
  const digits = byte.toString(16).padStart(2, '0')
  return digits.charCodeAt(0) | (digits.charCodeAt(1) << 8)
})
/** 2,048 ids at a time: half of what a small page costs is the call. */
const drawn = Buffer.alloc(32_768)
let drawnUsed = drawn.length

/** Writes the id of a request as a text of 32 characters: for lines of logs, which need no string of it. */
export function writeRandomId(into: DataView, at: number): void {
  if (drawnUsed === drawn.length) {
    randomFillSync(drawn)
    drawnUsed = 0
  }
  for (let i = 0; i < ID_DIGITS; i += 4) {
    const first = PAIRS[drawn[drawnUsed] as number] as number
    const second = PAIRS[drawn[drawnUsed + 1] as number] as number
    into.setInt32(at + i, first | (second << 16), true)
    drawnUsed += 2
  }
}
