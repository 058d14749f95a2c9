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
const ID_DIGITS = 32
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
