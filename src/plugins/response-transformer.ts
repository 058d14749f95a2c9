import { type Static, Type } from '#bundles/typebox'
import { checkHeaderChanges, compileHeaderChanges, HeaderChanges } from './header-changes.ts'
import {
  definePlugin,
  type Exchange,
  type Handlers,
  type Problem,
  type Reply,
  type ResponseBodyHandler,
} from './plugin.ts'

/** Bodies of this type are JSON (RFC 8259, RFC 6839 section 3.1). */
const JSON_TYPE = /^(?:application|text)\/(?:[a-z0-9!#$&^_.+-]+\+)?json *(?:;|$)/i
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/

const Json = Type.Object(
  {
    set: Type.Record(Type.String(), Type.Unknown(), {
      title: 'Set',
      description:
        'JSON Pointer (RFC 6901) to the value that is to stand there. Missing objects on the way are made; `-` appends to an array.',
      default: {},
      examples: [{ '/meta/version': 2 }],
    }),
    remove: Type.Array(Type.String(), {
      title: 'Remove',
      description: 'JSON Pointers of what the client shall not see. Removals come last.',
      default: [],
      examples: [['/internal']],
    }),
    maxBytes: Type.Integer({
      title: 'Largest body',
      description: 'In bytes. A larger one is answered with 502, so that nothing goes out unchanged.',
      minimum: 1,
      maximum: 16_777_216,
      default: 1_048_576,
      examples: [65_536],
    }),
  },
  {
    title: 'JSON body',
    description: 'Changes to JSON bodies. Bodies of other types, and those with a content coding, stay as they are.',
    default: {},
    additionalProperties: false,
    examples: [{ remove: ['/internal'] }],
  },
)
type JsonChanges = Static<typeof Json>

export const responseTransformer = definePlugin({
  name: 'response-transformer',
  summary: 'Changes headers and JSON bodies of answers before the client sees them.',
  docs: 'Order: set, add, rename, remove; for the headers, then for the body. Answers of the gateway itself get the headers, but their bodies are the gateway responses’. With changes of the body the backend is not told what codings the client accepts, so that it sends plain JSON; a body that is coded nevertheless, claims to be JSON and is not, or is too large is answered with 502: nothing goes out unchanged.',
  phase: 'transform',
  attach: ['stage', 'path', 'method'],
  sides: ['response'],
  config: Type.Object(
    { headers: HeaderChanges('Changes to response headers.'), json: Json },
    { additionalProperties: false },
  ),

  check({ headers, json }, { pathVariables }) {
    return [
      ...checkHeaderChanges(headers, '/headers', pathVariables),
      ...Object.keys(json.set).flatMap((at) =>
        checkPointer(at, `/json/set/${at.replaceAll('~', '~0').replaceAll('/', '~1')}`),
      ),
      ...json.remove.flatMap((at, i) => checkPointer(at, `/json/remove/${i}`)),
    ]
  },

  create({ headers, json }): Handlers {
    const steps = compileHeaderChanges(headers)
    const body = bodyHandler(json)
    return {
      ...(steps.length > 0 && {
        onResponse(x: Exchange) {
          for (const step of steps) {
            const badName = step(x, x.response.headers)
            if (badName !== null)
              throw new Error(`the value for header ${badName} has a character that no header may have`)
          }
        },
      }),
      ...(body !== null && {
        onRequest: (x: Exchange) => x.request.headers.remove('accept-encoding'),
        responseBody: body,
      }),
    }
  },
})

/** Null where nothing is to be changed. */
function bodyHandler({ set, remove, maxBytes }: JsonChanges): ResponseBodyHandler | null {
  const changes: ((value: unknown) => unknown)[] = [
    ...Object.entries(set).map(([at, value]) => {
      const keys = parsePointer(at)
      return (document: unknown) => setAt(document, keys, value)
    }),
    ...remove.map((at) => {
      const keys = parsePointer(at)
      return (document: unknown) => removeAt(document, keys)
    }),
  ]
  if (changes.length === 0) return null
  return {
    maxBytes,
    wants: ({ response }) => JSON_TYPE.test(response.headers.get('content-type') ?? ''),
    transform({ response }, body) {
      const coding = response.headers.get('content-encoding') ?? 'identity'
      if (coding !== 'identity')
        return malformed(`The backend sent a body with the coding ${coding}, which nobody asked for.`)
      const document = parse(body)
      if (document === undefined) return malformed('The backend sent a body that is not JSON.')
      return Buffer.from(JSON.stringify(changes.reduce<unknown>((value, change) => change(value), document)))
    },
  }
}

function malformed(detail: string): Reply {
  return { reply: 'backend-malformed', detail }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined // not JSON: told by the caller
  }
}

function checkPointer(at: string, path: string): Problem[] {
  if (POINTER.test(at)) return []
  return [{ path, message: `"${at}" is not a JSON Pointer to a member: write /name or /list/0/name (RFC 6901).` }]
}

function parsePointer(at: string): string[] {
  return at
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Puts a value at a place. Where the way leads through something that has no members, nothing is changed. */
function setAt(document: unknown, keys: readonly string[], value: unknown): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return value
  if (Array.isArray(document)) {
    const index = key === '-' ? document.length : indexOf(key)
    if (index === null || index > document.length) return document
    return document.toSpliced(index, 1, setAt(document[index] ?? {}, rest, value))
  }
  if (!isObject(document)) return document
  // A computed key makes an own member even of "__proto__".
  return { ...document, [key]: setAt(Object.hasOwn(document, key) ? document[key] : {}, rest, value) }
}

function removeAt(document: unknown, keys: readonly string[]): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return document
  if (Array.isArray(document)) {
    const index = indexOf(key)
    if (index === null || index >= document.length) return document
    return rest.length === 0 ? document.toSpliced(index, 1) : document.with(index, removeAt(document[index], rest))
  }
  if (!isObject(document) || !Object.hasOwn(document, key)) return document
  if (rest.length > 0) return { ...document, [key]: removeAt(document[key], rest) }
  const { [key]: _, ...others } = document
  return others
}

function indexOf(key: string): number | null {
  return /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
