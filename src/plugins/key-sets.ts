import { BadKey, type JwsAlgorithm, keyOfJwk, type VerificationKey } from '../lib/jws.ts'
import { OutgoingFailure, type PluginEnv } from './plugin.ts'

/** Published key sets (RFC 7517): fetched when they are first needed, kept, and fetched again when they age or a key is missing. */

const FRESH_MS = 5 * 60_000
/** A key that is not there may be new; but whoever makes one up cannot make us ask all the time. */
const ASK_AGAIN_MS = 10_000
/** How long the last good set serves while it cannot be fetched. */
const STALE_MS = 24 * 60 * 60_000
const TIMEOUT_MS = 5_000
const MAX_BYTES = 262_144
const MAX_KEYS = 100

/** A set cannot be had. */
export class KeySetFailure extends Error {}

/** One published key set. */
export class KeySet {
  private readonly url: string
  private readonly algorithms: readonly JwsAlgorithm[]
  private readonly env: Pick<PluginEnv, 'fetch' | 'now'>
  private keys: readonly VerificationKey[] = []
  private fetchedAt = Number.NEGATIVE_INFINITY
  private askedAt = Number.NEGATIVE_INFINITY
  private failure = ''
  private fetching: Promise<void> | null = null

  constructor(url: string, algorithms: readonly JwsAlgorithm[], env: Pick<PluginEnv, 'fetch' | 'now'>) {
    this.url = url
    this.algorithms = algorithms
    this.env = env
  }

  /** The keys as they are known, where they are known well enough for a key of this id; null where they must be fetched first. */
  known(id: string | null): readonly VerificationKey[] | null {
    const now = this.env.now()
    const age = now - this.fetchedAt
    if (age > STALE_MS) return null
    // Asked for in the background: what is known serves meanwhile.
    if (age > FRESH_MS && now - this.askedAt > ASK_AGAIN_MS) this.refresh().catch(() => undefined)
    const isMissing = id !== null && !this.keys.some((key) => key.id === id)
    return isMissing && now - this.askedAt > ASK_AGAIN_MS ? null : this.keys
  }

  /** The keys, fetched. Throws `KeySetFailure` where none can be had; a set that is not too old serves otherwise. */
  async fetched(): Promise<readonly VerificationKey[]> {
    const now = this.env.now()
    if (this.fetching === null && now - this.askedAt <= ASK_AGAIN_MS && now - this.fetchedAt > STALE_MS)
      throw new KeySetFailure(this.failure)
    try {
      await this.refresh()
    } catch (error) {
      if (this.env.now() - this.fetchedAt > STALE_MS) throw error
    }
    return this.keys
  }

  /** One call at a time, whoever asks. */
  private refresh(): Promise<void> {
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = null
    })
    return this.fetching
  }

  private async fetch(): Promise<void> {
    this.askedAt = this.env.now()
    try {
      const { status, body } = await this.env.fetch({
        method: 'GET',
        url: this.url,
        headers: [['accept', 'application/jwk-set+json, application/json']],
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
      })
      if (status !== 200) throw new KeySetFailure(`it answered ${status}`)
      this.keys = read(body.toString('utf8'), this.algorithms)
      this.fetchedAt = this.env.now()
    } catch (error) {
      this.failure = error instanceof OutgoingFailure || error instanceof KeySetFailure ? error.message : String(error)
      throw new KeySetFailure(this.failure)
    }
  }
}

/** The keys of a set that can be used. Throws `KeySetFailure` for what is none, and where there is none that can. */
function read(text: string, algorithms: readonly JwsAlgorithm[]): VerificationKey[] {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    throw new KeySetFailure('it is not JSON')
  }
  const listed = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(listed)) throw new KeySetFailure('it is not a key set')
  const keys = listed.slice(0, MAX_KEYS).flatMap((jwk: unknown) => {
    if (typeof jwk !== 'object' || jwk === null) return []
    try {
      return [keyOfJwk(jwk as Record<string, unknown>, algorithms)]
    } catch (error) {
      // A set may hold keys for other purposes.
      if (error instanceof BadKey) return []
      throw error
    }
  })
  if (keys.length === 0) throw new KeySetFailure('it has no key that can be used')
  return keys
}
