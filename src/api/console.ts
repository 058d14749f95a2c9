import { existsSync, globSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { codingChooser } from '../lib/accept-encoding.ts'
import { readAhead } from './ahead.ts'
import { type Api, may } from './context.ts'
import { SESSION_COOKIE } from './guard.ts'

/** The console: files that were built beside this program, and its page for every path that is not the API's. */

const DIST = join(import.meta.dirname, '../../console/dist')
const NOT_BUILT = 'The console has not been built: run "npm install" in the folder of the program.\n'

/**
 * Scripts and answers come from here alone, and nobody puts the page into theirs. Styles may stand in the page, where the
 * component library writes them.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-cache',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
}
/** Of files whose names change with what is in them. */
const IMMUTABLE = { 'cache-control': 'public, max-age=31536000, immutable' }
const CHANGEABLE = { 'cache-control': 'public, max-age=3600' }

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** Codings that files were built in, the best first, and the endings of their names. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
const choose = codingChooser(CODINGS.map(([coding]) => coding))

/** A file in memory, as it is and in each coding that there is of it. */
interface BuiltFile {
  readonly type: string
  readonly headers: Readonly<Record<string, string>>
  readonly plain: Buffer
  readonly coded: readonly { readonly coding: string; readonly bytes: Buffer }[]
}

/** Serves the console. Whatever path a browser is at gets the page, which knows its own views. */
export function consolePages(api: Api): void {
  const built = readBuilt()
  const page = built.get('/index.html') ?? { type: 'text/plain', headers: {}, plain: Buffer.from(NOT_BUILT), coded: [] }
  const asPage = { ...page, headers: PAGE_HEADERS }
  const ahead = readAhead(join(DIST, 'ahead.json'))
  const sendPage = (request: FastifyRequest, reply: FastifyReply, path: string) => {
    const link = ahead(path, request.cookies[SESSION_COOKIE] !== undefined)
    return sendFile(request, link === '' ? reply : reply.header('link', link), asPage)
  }
  api.get('/', { ...may('public'), schema: { hide: true } }, (request, reply) => sendPage(request, reply, '/'))
  api.get('/*', { ...may('public'), schema: { hide: true } }, (request, reply) => {
    const [path = ''] = request.url.split('?')
    const file = built.get(path)
    if (file !== undefined) return sendFile(request, reply, file)
    // What is asked for by a program is answered as the API answers.
    const isView = !path.startsWith('/api/') && request.headers.accept?.includes('text/html') === true
    return isView ? sendPage(request, reply, path) : reply.callNotFound()
  })
}

function readBuilt(): ReadonlyMap<string, BuiltFile> {
  const names = globSync('**/*', { cwd: DIST }).filter((name) => extname(name) in TYPES)
  return new Map(
    names.map((name) => {
      const path = join(DIST, name)
      const coded = CODINGS.flatMap(([coding, ending]) =>
        existsSync(path + ending) ? { coding, bytes: readFileSync(path + ending) } : [],
      )
      const headers = name.startsWith('assets') ? IMMUTABLE : CHANGEABLE
      return [`/${name}`, { type: TYPES[extname(name)] ?? '', headers, plain: readFileSync(path), coded }]
    }),
  )
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, headers, plain, coded }: BuiltFile,
): FastifyReply {
  const coding = choose(String(request.headers['accept-encoding'] ?? ''))
  const best = coded.find((one) => one.coding === coding)
  if (best !== undefined) reply.header('content-encoding', best.coding)
  return reply
    .headers({ 'x-content-type-options': 'nosniff', vary: 'Accept-Encoding', ...headers })
    .type(type)
    .serializer((payload: Buffer) => payload as unknown as string)
    .send(best?.bytes ?? plain)
}
