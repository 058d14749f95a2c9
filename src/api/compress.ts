import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Api } from './context.ts'

/**
 * Large answers go out compressed to whoever takes that: numbers over time are a tenth then. Only what is read: what a change answers may hold
 * a secret beside a text of the caller's, and its size would tell of it.
 */

/** Below that it fits into the first packets as it is. */
const SMALL_BYTES = 2_048
/** Where most is won for little time. */
const BROTLI_QUALITY = 4

const CODINGS = {
  br: (text: string) => brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (text: string) => zip(text),
} as const
const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

export function compressAnswers(api: Api): void {
  api.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || typeof payload !== 'string' || payload.length < SMALL_BYTES) return payload
    if (reply.hasHeader('content-encoding')) return payload
    reply.header('vary', 'Accept-Encoding')
    const coding = acceptedCoding(String(request.headers['accept-encoding'] ?? ''), ['br', 'gzip'] as const)
    if (coding === null) return payload
    reply.header('content-encoding', coding).removeHeader('content-length')
    return CODINGS[coding](payload)
  })
}

/** The first of these codings that somebody takes, or null (RFC 9110, section 12.5.3). */
export function acceptedCoding<Coding extends string>(accepted: string, codings: readonly Coding[]): Coding | null {
  return codings.find((coding) => new RegExp(`\\b${coding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted)) ?? null
}
