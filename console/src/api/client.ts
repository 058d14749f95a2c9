import createClient from 'openapi-fetch'
import type { paths } from './schema.ts'

/** The management API, typed by its own document. What it refuses is thrown as `ApiProblem`; where it does not answer, as `Unreachable`. */

/** Something that is wrong with what was sent: where (JSON Pointer) and what. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** A refusal as it is sent (RFC 9457). */
interface ProblemBody {
  readonly code?: string
  readonly detail?: string
  readonly errors?: readonly FieldProblem[]
}

/** A refusal. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldProblem[]

  constructor(status: number, problem: ProblemBody) {
    super(problem.detail ?? `The server answered ${status}.`)
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.errors = problem.errors ?? []
  }
}

/** Nobody answers: the program is gone, or the network is. */
export class Unreachable extends Error {}

export const api = createClient<paths>({ baseUrl: '/', fetch: reach })

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error))
  }
}

/** What `api` gives for a call. */
interface Result<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response: Response
}

/** What has a version, with the ETag that a change of it sends back. */
export interface Versioned<T> {
  readonly value: T
  readonly etag: string
}

/** The answer to a call. Throws `ApiProblem` or `Unreachable`. */
export async function answer<T>(call: Promise<Result<T>>): Promise<T> {
  return (await versioned(call)).value
}

/** The same, with its ETag. */
export async function versioned<T>(call: Promise<Result<T>>): Promise<Versioned<T>> {
  const { data, error, response } = await call
  if (!response.ok) {
    // A proxy in between may answer with something else than problem details.
    throw new ApiProblem(
      response.status,
      await inReadersLanguage(typeof error === 'object' && error !== null ? error : {}),
    )
  }
  // The types say what there is for each operation; without a body there is nothing to read.
  return { value: data as T, etag: response.headers.get('etag') ?? '' }
}

/** Says the message of a field in the reader's language. */
export type SayFault = (message: string) => string

let loadSayFault: (() => Promise<SayFault>) | undefined

/** Has what schemas say of single fields said in the reader's language, which is loaded with the first refusal. English is as it comes. */
export function sayFaultsBy(load: (() => Promise<SayFault>) | undefined): void {
  loadSayFault = load
}

async function inReadersLanguage(problem: ProblemBody): Promise<ProblemBody> {
  if (problem.errors === undefined || loadSayFault === undefined) return problem
  const say = await loadSayFault()
  return { ...problem, errors: problem.errors.map(({ path, message }) => ({ path, message: say(message) })) }
}

/** The header that makes a change only where nobody else has changed the same meanwhile. */
export const ifMatch = (etag: string) => ({ headers: { 'if-match': etag } })

/** What is wrong with one field, where the server says so. */
export function fieldError(error: Error | null, path: string): string | undefined {
  return error instanceof ApiProblem ? error.errors.find((one) => one.path === path)?.message : undefined
}
