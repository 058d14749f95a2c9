import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A small backend to try the gateway with: pets in memory, errors, slow answers, a stream. */

/** The demo backend, running. */
export interface Demo {
  readonly url: string
  /** Its OpenAPI document, as text. */
  readonly document: string
  close(): Promise<void>
}

interface Pet {
  readonly id: number
  readonly name: string
  readonly kind: string
}

/** What one caller can make it keep. */
const MAX_PETS = 1000
const MAX_BODY_BYTES = 64 * 1024
const MAX_DELAY_MS = 30_000

/** Starts the demo backend on loopback; port 0 takes a free one. */
export async function startDemo({ port }: { port: number }): Promise<Demo> {
  const store = new PetStore()
  const server = createServer((request, response) => {
    handle(store, request, response).catch((error) => {
      if (!response.headersSent) json(response, 500, { error: error instanceof Error ? error.message : String(error) })
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  return {
    // A server that listens on a port has such an address.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    document: readFileSync(join(import.meta.dirname, 'petstore.yaml'), 'utf8'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

class PetStore {
  private readonly pets = new Map<number, Pet>()
  private lastId = 0

  constructor() {
    for (const [name, kind] of [
      ['Rex', 'dog'],
      ['Tom', 'cat'],
      ['Nemo', 'fish'],
    ] as const) {
      this.add(name, kind)
    }
  }

  all(kind: string | null): Pet[] {
    return [...this.pets.values()].filter((pet) => kind === null || pet.kind === kind)
  }

  find(id: number): Pet | undefined {
    return this.pets.get(id)
  }

  /** Adds a pet; the oldest goes where there are too many. */
  add(name: string, kind: string): Pet {
    const pet = { id: ++this.lastId, name, kind }
    this.pets.set(pet.id, pet)
    const [oldest] = this.pets.keys()
    if (this.pets.size > MAX_PETS && oldest !== undefined) this.pets.delete(oldest)
    return pet
  }

  remove(id: number): boolean {
    return this.pets.delete(id)
  }
}

async function handle(store: PetStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://demo')
  const [, root = '', argument = ''] = url.pathname.split('/')
  switch (`${request.method === 'HEAD' ? 'GET' : request.method} /${root}${argument === '' ? '' : '/*'}`) {
    case 'GET /pets':
      return json(response, 200, store.all(url.searchParams.get('kind')))
    case 'POST /pets':
      return createPet(store, request, response)
    case 'GET /pets/*': {
      const pet = store.find(Number(argument))
      return pet === undefined ? json(response, 404, { error: `no pet ${argument}` }) : json(response, 200, pet)
    }
    case 'DELETE /pets/*':
      return store.remove(Number(argument)) ? empty(response) : json(response, 404, { error: `no pet ${argument}` })
    case 'GET /status/*': {
      const status = Number(argument)
      return json(response, status >= 200 && status <= 599 ? status : 400, { status })
    }
    case 'GET /slow': {
      const delay = Math.min(Number(url.searchParams.get('ms') ?? 1000) || 0, MAX_DELAY_MS)
      await wait(delay)
      return json(response, 200, { waitedMs: delay })
    }
    case 'GET /stream':
      return stream(response)
    case 'GET /echo':
      return json(response, 200, { method: request.method, url: request.url, headers: request.headers })
    default:
      return json(response, 404, { error: `the demo has no ${request.method} ${url.pathname}` })
  }
}

async function createPet(store: PetStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MAX_BODY_BYTES) return json(response, 413, { error: 'a pet is smaller than that' })
  }
  const pet = parsePet(text)
  return pet === null
    ? json(response, 400, { error: 'a pet is {"name": "…", "kind": "…"}' })
    : json(response, 201, store.add(pet.name, pet.kind))
}

function parsePet(text: string): { name: string; kind: string } | null {
  try {
    const { name, kind = 'cat' } = JSON.parse(text)
    return typeof name === 'string' && typeof kind === 'string' ? { name, kind } : null
  } catch {
    return null // not JSON: the caller is told what a pet is
  }
}

/** Server-sent events: ten of them, one each 300 ms. */
async function stream(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  for (let n = 1; n <= 10 && !response.destroyed; n++) {
    response.write(`data: {"n":${n}}\n\n`)
    await wait(300)
  }
  response.end()
}

function json(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...(status !== 204 && status !== 304 && { 'content-length': Buffer.byteLength(body) }),
    })
    .end(body)
}

function empty(response: ServerResponse): void {
  response.writeHead(204).end()
}
