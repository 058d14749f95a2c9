import { createHash } from 'node:crypto'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { Snapshot } from './snapshot.ts'

/** A snapshot as it is stored and sent: its canonical JSON, and the SHA-256 of that in hexadecimal, which is its name. */
export interface FrozenSnapshot {
  readonly hash: string
  readonly json: string
}

/** Freezes a snapshot. Equal snapshots have equal hashes. */
export function freeze(snapshot: Snapshot): FrozenSnapshot {
  const json = canonicalJson(snapshot)
  return { json, hash: createHash('sha256').update(json).digest('hex') }
}
