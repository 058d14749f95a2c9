import { parentPort, workerData } from 'node:worker_threads'
import { readDesign } from '../design/openapi/read-design.ts'
import { readSource } from '../design/openapi/source.ts'
import { Invalid } from '../model/errors.ts'
import type { ReadAnswer } from './document-reader.ts'

/** Reads one document, for `document-reader.ts`, and ends. */

function read(text: string): ReadAnswer {
  try {
    return { design: readDesign(readSource(text)) }
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    return { message: error.message, problems: error.problems }
  }
}

parentPort?.postMessage(read(workerData as string))
