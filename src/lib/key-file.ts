import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { KEY_BYTES } from './vault.ts'

/** The key of a file, made with the file (mode 0600) if there is none. Throws with a message for people. */
export function readKeyFile(file: string): Buffer {
  const key = randomBytes(KEY_BYTES)
  try {
    writeFileSync(file, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
    return key
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return parseKey(readFileSync(file, 'utf8'), file)
}

/** A key as text, in Base64; `from` says where it stands. Throws with a message for people. */
export function parseKey(text: string, from: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === KEY_BYTES) return key
  throw new Error(
    `${from} does not hold a key of ${KEY_BYTES} bytes in Base64: restore it, or make one with "openssl rand -base64 ${KEY_BYTES}".`,
  )
}
