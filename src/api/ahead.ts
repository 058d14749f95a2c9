import { existsSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'

/**
 * What a page of the console will need next, told with the page (`Link`, RFC 8288): browsers then fetch all of it at once. Only hints, and
 * about nothing that the browser may not ask for anyway.
 */

/** What `console/ahead.ts` writes for a build. */
interface Ahead {
  readonly front: readonly string[]
  readonly views: readonly {
    readonly path: string
    readonly files: readonly string[]
    readonly data: readonly string[]
  }[]
}

/** Who is there: every page asks that first. */
const ME = '/api/v1/me'
/** The one view that is for everybody, and asks nobody who they are. */
const FOR_ALL = '/documents/'
/** What may stand in a header and in a path as it is: anything else is no name of ours that is worth a hint. */
const PLAIN = /^[\w.~%-]+$/

/** Reads what a build wrote. Gives the `Link` header of a path, for somebody who has a session or nobody; empty for none. */
export function readAhead(file: string): (path: string, hasSession: boolean) => string {
  const { front, views }: Ahead = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { front: [], views: [] }
  const forNobody = [...front.map(fileLink), dataLink(ME)].join(', ')
  const ready = views.map(({ path, files, data }) => ({
    parts: path.split('/'),
    links: [...files.map(fileLink), ...[ME, ...data].map(dataLink)].join(', '),
  }))
  return (path, hasSession) => {
    if (path.startsWith(FOR_ALL)) return ''
    if (!hasSession) return forNobody
    const given = path.split('/')
    const view = ready.find(({ parts }) => isAt(parts, given))
    if (view === undefined) return dataLink(ME)
    return view.parts.reduce(
      (links, part, i) => (part.startsWith(':') ? links.replaceAll(part, given[i] ?? '') : links),
      view.links,
    )
  }
}

const isAt = (parts: readonly string[], given: readonly string[]) =>
  parts.length === given.length &&
  parts.every((part, i) => part === given[i] || (part.startsWith(':') && PLAIN.test(given[i] ?? '')))

const fileLink = (path: string) =>
  extname(path) === '.css' ? `<${path}>; rel=preload; as=style; crossorigin` : `<${path}>; rel=modulepreload`

const dataLink = (path: string) => `<${path}>; rel=preload; as=fetch; crossorigin`
