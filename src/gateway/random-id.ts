import { randomFillSync } from 'node:crypto'

/** Random bytes are drawn from the system a page at a time: a call for each id would cost more than the request's routing. */
const page = Buffer.alloc(4096)
let used = page.length

/** `bytes` random bytes (at most 64) as hexadecimal text. */
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
