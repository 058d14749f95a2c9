import { Type } from '#bundles/typebox'
import { codingChooser } from '../lib/accept-encoding.ts'
import { type ContentCoding, codingNames, contentCodings } from './body-coders.ts'
import { definePlugin, type Exchange, type Problem } from './plugin.ts'

/** A media type, all of a kind, or all with a structured suffix (RFC 6839). */
const TYPE_PATTERN = /^(?:[a-z0-9!#$&^_.+-]+\/(?:[a-z0-9!#$&^_.+-]+|\*)|\+[a-z0-9]+)$/
const NO_TRANSFORM = /(?:^|,)\s*no-transform\s*(?:,|$)/i
/** What speaks of the bytes that go out, or of parts of them: not true any more when they are others. */
const HEADERS_OF_BYTES = ['accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']
/**
 * Streams that are coded at once in a worker: each holds up to a megabyte until it ends. Beyond that, answers go as they
 * are.
 */
const MAX_STREAMS = 128

const Level = (coding: string, maximum: number, usual: number) =>
  Type.Integer({
    title: coding,
    description: `How hard ${coding} tries, up to ${maximum}: higher is smaller and slower.`,
    minimum: 1,
    maximum,
    default: usual,
    examples: [usual],
  })

export const compression = definePlugin({
  name: 'compression',
  summary: 'Compresses answers with zstd, brotli or gzip, as the client accepts.',
  docs: 'Compressed is what gains by it: by its type, from a size on. What is compressed already, partial (206) or marked `no-transform` goes as it is. Bodies up to 16 KiB go out whole, with their length; longer ones are compressed while they go by, and nothing is held back: when the backend makes a pause, all that it has sent is out. A strong `ETag` becomes a weak one, because the bytes are others; `If-Match` with such a tag is given back to the backend as the strong one that it was, so that updates still work. `Content-MD5` and digests of the bytes are dropped. Every answer that could be compressed says `Vary: Accept-Encoding`. At most 128 streams are compressed at once in a worker; more go as they are. `text/event-stream` is not among the usual types, because each stream would hold its memory for as long as it lasts: add it where there are few. Do not compress answers that hold a secret beside something that an attacker can choose (BREACH): see the guide on [WebSockets and streams](../guides/websocket-and-streams.md).',
  phase: 'transform',
  attach: ['stage', 'path', 'method'],
  sides: ['response'],
  config: Type.Object(
    {
      codings: Type.Array(Type.Enum(codingNames), {
        title: 'Codings',
        description: 'On offer; where the client likes several equally, the first of them is taken.',
        default: [...codingNames],
        minItems: 1,
        uniqueItems: true,
        examples: [['br', 'gzip']],
      }),
      types: Type.Array(Type.String({ maxLength: 127 }), {
        title: 'Types',
        description:
          'Media types that gain: `application/json`, `text/*` for all of a kind, `+json` for all that end so.',
        default: [
          'text/html',
          'text/css',
          'text/plain',
          'text/csv',
          'text/xml',
          'text/javascript',
          'text/markdown',
          'application/json',
          'application/javascript',
          'application/xml',
          'application/x-ndjson',
          '+json',
          '+xml',
        ],
        minItems: 1,
        maxItems: 200,
        examples: [['application/json', 'text/event-stream']],
      }),
      minBytes: Type.Integer({
        title: 'Smallest body',
        description: 'In bytes; smaller ones go as they are. Bodies whose length is not known are compressed.',
        minimum: 1,
        maximum: 1_048_576,
        default: 1_024,
        examples: [512],
      }),
      levels: Type.Object(
        { zstd: Level('zstd', 19, 3), br: Level('br', 11, 4), gzip: Level('gzip', 9, 5) },
        {
          title: 'Levels',
          description: 'How hard each coding tries.',
          default: {},
          additionalProperties: false,
          examples: [{ br: 5 }],
        },
      ),
    },
    { additionalProperties: false },
  ),

  check({ types }) {
    return types.flatMap((type, i): Problem[] =>
      TYPE_PATTERN.test(type)
        ? []
        : [
            {
              path: `/types/${i}`,
              message: `"${type}" is not a media type: write application/json, text/* or +json, in lower case.`,
            },
          ],
    )
  },

  create({ codings, types, minBytes, levels }, { shared }) {
    const ready = contentCodings(levels)
    const choose = codingChooser(codings)
    const gains = typeTest(types)
    const open = shared('compression', () => ({ streams: 0 }))
    const isCodable = (x: Exchange, size: number) =>
      (size === -1 || size >= minBytes) && isWholeAnswer(x) && gains(x.response.headers.get('content-type') ?? '')

    /** The coding for an answer that can have one; whatever comes of it, caches must know that it depends on the request. */
    function codingFor(x: Exchange, size: number): ContentCoding | null {
      if (!isCodable(x, size)) return null
      varyByCoding(x)
      const name = choose(x.acceptEncoding ?? '')
      return name === undefined ? null : ready[name]
    }

    return {
      onRequest(x) {
        const { headers } = x.request
        // Kept here, because plugins behind this one may change what the backend is told.
        x.acceptEncoding = NO_TRANSFORM.test(headers.get('cache-control') ?? '')
          ? ''
          : (headers.get('accept-encoding') ?? '')
        if (headers.has('if-match')) headers.set('If-Match', strengthened(headers.get('if-match') ?? ''))
      },
      responseCoding: {
        whole(x, body) {
          const coding = codingFor(x, body.length)
          if (coding === null) return null
          const coded = coding.whole(body)
          if (coded.length >= body.length) return null
          announce(x, coding)
          return coded
        },
        stream(x, size) {
          if (x.response.status === 304) return revalidate(x)
          const coding = codingFor(x, size)
          if (coding === null || open.streams >= MAX_STREAMS) return null
          announce(x, coding)
          return (events) => {
            open.streams++
            return coding.stream(events, () => open.streams--)
          }
        },
      },
    }
  },
})

/** Whether an answer is complete and plain, and may be changed (RFC 9110, section 7.7). */
function isWholeAnswer({ response: { status, headers } }: Exchange): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206) return false
  return (
    (headers.get('content-encoding') ?? 'identity').toLowerCase() === 'identity' &&
    !headers.has('content-range') &&
    !NO_TRANSFORM.test(headers.get('cache-control') ?? '')
  )
}

/** Makes the test whether bodies of a Content-Type gain. */
function typeTest(types: readonly string[]): (contentType: string) => boolean {
  const exact = new Set(types)
  return (contentType) => {
    const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
    const suffix = type.lastIndexOf('+')
    return (
      exact.has(type) ||
      exact.has(`${type.slice(0, type.indexOf('/'))}/*`) ||
      (suffix !== -1 && exact.has(type.slice(suffix)))
    )
  }
}

/** Changes the head of an answer whose body is coded. */
function announce({ response: { headers } }: Exchange, { name }: ContentCoding): void {
  headers.set('Content-Encoding', name)
  for (const header of HEADERS_OF_BYTES) headers.remove(header)
  const tag = headers.get('etag')
  if (tag === undefined || tag.startsWith('W/')) return
  // What is not a tag at all could only be taken for a strong one.
  if (tag.startsWith('"')) headers.set('ETag', `W/${tag}`)
  else headers.remove('etag')
}

/**
 * The answer that a client's copy is still good. Where the client has the weak tag that we have made of this one, its copy is a
 * coded one, and that tag it must be told (RFC 9111, section 4.3.4). There is no body to code.
 */
function revalidate(x: Exchange): (() => never) | null {
  const { request, response } = x
  varyByCoding(x)
  const tag = response.headers.get('etag') ?? ''
  if (!tag.startsWith('"') || !request.headers.get('if-none-match')?.includes(`W/${tag}`)) return null
  response.headers.set('ETag', `W/${tag}`)
  return noBody
}

function noBody(): never {
  throw new Error('an answer of status 304 has no body')
}

/** The tags of `If-Match` as strong ones: a weak one never matches there (RFC 9110, section 13.1.1), and ours were strong. */
function strengthened(tags: string): string {
  return tags.replace(/(?:W\/)?("[^"]*")/g, '$1')
}

function varyByCoding({ response: { headers } }: Exchange): void {
  const named = headers.getAll('vary').flatMap((value) => value.split(','))
  if (!named.some((name) => /^\s*(?:accept-encoding|\*)\s*$/i.test(name))) headers.add('Vary', 'Accept-Encoding')
}
