import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCredential } from './credentials.ts'
import { Failure, type FieldProblem } from './failure.ts'

/** Options that every command has. */
export interface GlobalOptions {
  readonly json: boolean
  readonly url?: string
  readonly token?: string
  readonly data: string
}

/** What a running program leaves in its data folder for the CLI of the same user. */
interface LocalFile {
  readonly url: string
  readonly gatewayUrl: string
  readonly token: string
}

/** The management API, as commands use it. */
export interface Client {
  /** Where API clients reach the gateway, if it runs on this machine. */
  readonly gatewayUrl: string | null
  /** Calls the API and gives back its JSON. Throws `Failure` for every answer that is not 2xx. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Reads what is not JSON. Throws `Failure` for every answer that is not 2xx. */
  download(path: string): Promise<ReadableStream<Uint8Array>>
}

/** Where the management API is: by option or environment, or the file that a running `turnpike start` leaves in its data folder. */
export function serverUrl({ url, data }: GlobalOptions): string {
  return url ?? readLocalFile(data)?.url ?? 'http://127.0.0.1:9000'
}

/**
 * Finds server and token: by option or environment, the file of a `turnpike start` that runs on this machine, or what
 * `turnpike login` has kept. `proof` takes the place of a token.
 */
export function createClient(options: GlobalOptions, proof?: Readonly<Record<string, string>>): Client {
  const url = serverUrl(options)
  const local = readLocalFile(options.data)
  // An empty variable of the environment is no token.
  const given = options.token === '' ? undefined : options.token
  const token = given ?? (url === local?.url ? local.token : readCredential(url))
  const headers = proof ?? (token === undefined ? {} : { authorization: `Bearer ${token}` })
  return {
    gatewayUrl: local?.gatewayUrl ?? null,
    call: (method, path, body) => call(url, headers, method, path, body),
    download: (path) => download(url, headers, path),
  }
}

function readLocalFile(folder: string): LocalFile | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8')) as LocalFile
  } catch {
    return null // nothing runs on this folder, or as another user: then the options must say where
  }
}

async function call(
  base: string,
  proof: Readonly<Record<string, string>>,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const response = await send(base, proof, method, path, body)
  const value = parse(await response.text())
  if (response.ok && value !== undefined) return value
  throw failureOf(base, proof, `${method} ${path}`, response.status, value)
}

async function download(
  base: string,
  proof: Readonly<Record<string, string>>,
  path: string,
): Promise<ReadableStream<Uint8Array>> {
  const response = await send(base, proof, 'GET', path, undefined)
  if (response.ok && response.body !== null) return response.body
  throw failureOf(base, proof, `GET ${path}`, response.status, parse(await response.text()))
}

function failureOf(
  base: string,
  proof: Readonly<Record<string, string>>,
  what: string,
  status: number,
  value: unknown,
): Failure {
  const { detail, code, errors } = (value ?? {}) as { detail?: string; code?: string; errors?: FieldProblem[] }
  if (status === 401) {
    const how = proof.authorization === undefined ? 'no token was given' : (detail ?? 'the token was refused')
    return new Failure(
      `The server at ${base} wants a token (${how}): use "turnpike login", --token or TURNPIKE_TOKEN, or run the command where Turnpike runs, with its --data folder.`,
      { code: 'unauthorized' },
    )
  }
  return new Failure(detail ?? `The server at ${base} answered ${status} to ${what}: is it Turnpike?`, {
    code: code ?? 'failed',
    errors: errors ?? [],
  })
}

async function send(
  base: string,
  proof: Readonly<Record<string, string>>,
  method: string,
  path: string,
  body: unknown,
): Promise<Response> {
  const headers = {
    ...proof,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  try {
    return await fetch(new URL(`/api/v1${path}`, base), {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new Failure(
      `No Turnpike answers at ${base} (${cause}): start it with "npm start", or say where it is with --url.`,
      { code: 'unreachable' },
    )
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return undefined // not ours: told by the caller with the status
  }
}
