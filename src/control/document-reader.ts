import { Worker } from 'node:worker_threads'
import type { ImportedDesign } from '../design/openapi/imported.ts'
import { readDesign } from '../design/openapi/read-design.ts'
import { readSource } from '../design/openapi/source.ts'
import { Invalid, Unavailable } from '../model/errors.ts'
import type { Problem } from '../plugins/plugin.ts'

/** Reads OpenAPI documents: large ones in a thread of their own, so that nobody else waits for them. */

/** What is smaller is read within a few milliseconds. */
const SMALL_CHARACTERS = 50_000
const TIMEOUT_MS = 60_000
const HEAP_MB = 1024
/** How many threads at once: each takes a core, and memory. */
const AT_ONCE = 2

/** What the thread sends. */
export type ReadAnswer =
  | { readonly design: ImportedDesign }
  | { readonly message: string; readonly problems: readonly Problem[] }

let running = 0
const waiting: (() => void)[] = []

/** What a document says, in the words of a design. Throws `Invalid` with all problems, each with its line. */
export async function readDocument(text: string): Promise<ImportedDesign> {
  if (text.length <= SMALL_CHARACTERS) return readDesign(readSource(text))
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  running++
  try {
    return await readInThread(text)
  } finally {
    running--
    waiting.shift()?.()
  }
}

async function readInThread(text: string): Promise<ImportedDesign> {
  const worker = new Worker(new URL('./document-reader-thread.ts', import.meta.url), {
    name: 'document-reader',
    workerData: text,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const timer = setTimeout(() => worker.terminate(), TIMEOUT_MS)
  try {
    const answer = await new Promise<ReadAnswer>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () =>
        reject(new Unavailable(`The document was not read within ${TIMEOUT_MS / 1000} seconds.`)),
      )
    })
    if ('design' in answer) return answer.design
    throw new Invalid(answer.message, answer.problems)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error
    throw new Invalid('The document needs too much memory to be read: split it.', [])
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
