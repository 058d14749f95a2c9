/** The context of a trace as HTTP carries it (W3C Trace Context). */

export interface TraceParent {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string
  /** 16 of them: the span that the request belongs to. */
  readonly spanId: string
  /** The eight bits of the flags. */
  readonly flags: number
}

/** The caller records its part. */
export const SAMPLED = 0x01
/** The trace's id is random, at least its last seven bytes (level 2). */
export const RANDOM_ID = 0x02

/** What every version begins with; `ff` is none. Later ones may have more behind a dash. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Reads a `traceparent`; null for what is not one, and then the trace begins here. Several fields, joined by commas, are not one. */
export function parseTraceparent(value: string): TraceParent | null {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(value) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  // Of version 00 the length is known.
  if (version === '00' && more !== undefined) return null
  return { traceId, spanId, flags: Number.parseInt(flags, 16) }
}

/** Writes a `traceparent` in the one version that there is. */
export function formatTraceparent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`
}

const MAX_MEMBERS = 32
/** As level 2 has it, which takes in all that level 1 does. */
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** Whether a `tracestate`, its fields joined by commas, can be passed on; one that cannot is dropped, and the trace goes on without. */
export function isTracestate(value: string): boolean {
  const members = value.split(',').flatMap((member) => member.replace(/^[ \t]+|[ \t]+$/g, '') || [])
  const keys = members.map((member) => member.slice(0, member.indexOf('=')))
  return (
    members.length > 0 &&
    members.length <= MAX_MEMBERS &&
    new Set(keys).size === keys.length &&
    members.every((member) => {
      const mark = member.indexOf('=')
      return mark > 0 && KEY.test(member.slice(0, mark)) && VALUE.test(member.slice(mark + 1))
    })
  )
}
