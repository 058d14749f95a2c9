import { createHash } from 'node:crypto'
import { Type } from '#bundles/typebox'
import type { Consumer, Exchange, Reply } from './plugin.ts'
import type { ReplyCode } from './replies.ts'

/** What plugins that authenticate have in common. */

/** The settings of who somebody is, once they have proved it. */
export const consumerFields = {
  groups: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    title: 'Groups',
    description: 'What `acl` and conditions know the consumer by.',
    default: [],
    maxItems: 100,
    examples: [['staff']],
  }),
}

/** A refusal with the challenge that a 401 carries (RFC 9110, section 11.6.1). */
export function refusal(reply: ReplyCode, challenge: string, detail?: string): Reply {
  const headers = [['WWW-Authenticate', challenge]] as const
  return detail === undefined ? { reply, headers } : { reply, headers, detail }
}

/** The credentials of a scheme in an `Authorization` field; null for none, or another scheme (RFC 9110, section 11.4). */
export function credentialsOf(x: Exchange, field: string, scheme: string): string | null {
  const values = x.request.headers.getAll(field)
  const [value] = values
  // Two are two ways to read one request.
  if (value === undefined || values.length > 1) return null
  const space = value.indexOf(' ')
  if (space === -1 || value.slice(0, space).toLowerCase() !== scheme) return null
  return value.slice(space + 1).trim()
}

/** Notes who it is; one plugin behind another may say more, never less. */
export function identify(x: Exchange, consumer: Consumer): void {
  x.consumer = consumer
}

/** Names what plugins with equal settings share, so that a thousand routes remember no more than one, also over deployments. */
export function sharedKey(plugin: string, config: unknown): string {
  return `${plugin} ${createHash('sha256').update(JSON.stringify(config)).digest('base64')}`
}

/** What has been verified, for a while: at most so many, the oldest go first. */
export class Verified<T> {
  private readonly entries = new Map<string, { readonly value: T; readonly until: number }>()
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  /** What was kept under a key, and still holds at `now` (ms); undefined for nothing. */
  get(key: string, now: number): T | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    if (now < entry.until) return entry.value
    this.entries.delete(key)
    return undefined
  }

  set(key: string, value: T, until: number): void {
    this.entries.set(key, { value, until })
    if (this.entries.size <= this.most) return
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.most) break
      this.entries.delete(oldest)
    }
  }

  get size(): number {
    return this.entries.size
  }
}
