import { MAX_CHARACTERS } from '../design/openapi/source.ts'
import { FetchFailed, fetchText } from '../lib/fetch-text.ts'
import { Invalid } from '../model/errors.ts'

const TIMEOUT_MS = 10_000

/** The text at a URL. Throws `Invalid` for what cannot be fetched, or must not be. */
export async function fetchDocument(url: string): Promise<string> {
  try {
    return await fetchText(url, {
      accept: 'application/json, application/yaml, */*',
      maxBytes: MAX_CHARACTERS,
      timeoutMs: TIMEOUT_MS,
    })
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error
    const message = `${url} cannot be fetched: ${error.message}. Check the address, or give the text of the document.`
    throw new Invalid(message, [{ path: '/url', message }])
  }
}
