import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { codingChooser } from '../lib/accept-encoding.ts'
import type { Api } from './context.ts'

/**
 * Large answers go out compressed to whoever takes that: numbers over time are a tenth then. Only what is read: what a change answers may hold
 * a secret beside a text of the caller's, and its size would tell of it.
 */

/** Below that it fits into the first packets as it is. */
const SMALL_BYTES = 2_048
/** Where most is won for little time. */
const BROTLI_QUALITY = 4

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
const codings = {
  br: (text: string) => brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (text: string) => zip(text),
} as const
const choose = codingChooser(['br', 'gzip'] as const)

/** Compresses what is answered from here on. */
export function compressAnswers(api: Api): void {
  api.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || typeof payload !== 'string' || payload.length < SMALL_BYTES) return payload
    reply.header('vary', 'Accept-Encoding')
    const coding = choose(String(request.headers['accept-encoding'] ?? ''))
    if (coding === undefined) return payload
    reply.header('content-encoding', coding).removeHeader('content-length')
    return codings[coding](payload)
  })
}
