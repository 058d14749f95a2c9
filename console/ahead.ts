import { readFileSync } from 'node:fs'
import type { Manifest } from 'vite'

/**
 * What the views that are opened most need besides the page itself. The server says so with the page (`Link`, RFC 8288), so that a browser
 * fetches all of it at once, and not one after the other as each is found to be needed.
 */

/** A view: its path, what it is loaded from, and what of the API it asks for whoever looks. `:name` stands for a part of the path. */
interface View {
  readonly path: string
  readonly code: readonly string[]
  readonly data: readonly string[]
}

/** The same, with the names of the files that were built. */
export interface Ahead {
  /** For who is not logged in, whatever the path. */
  readonly front: readonly string[]
  readonly views: readonly {
    readonly path: string
    readonly files: readonly string[]
    readonly data: readonly string[]
  }[]
}

const FRONT = 'src/features/session/front.tsx'
const SERVICE = 'src/features/service/service-layout.tsx'
const STAGE = 'src/features/stage/stage-layout.tsx'
const ofService = '/api/v1/services/:service'
const ofStage = `${ofService}/stages/:stage`

const views: readonly View[] = [
  {
    path: '/',
    code: ['src/features/overview/overview.tsx'],
    data: ['/api/v1/services?q=&after=&limit=50', '/api/v1/statistics?from=1h', '/api/v1/alerts'],
  },
  {
    path: '/services',
    code: ['src/features/services/service-list.tsx'],
    data: ['/api/v1/services?q=&after=&limit=50'],
  },
  {
    path: '/services/:service/design',
    code: [SERVICE, 'src/features/design/design-page.tsx'],
    data: [ofService, `${ofService}/stages`, `${ofService}/resources?after=&limit=500`],
  },
  {
    path: '/services/:service/stages/:stage/changes',
    code: [SERVICE, STAGE, 'src/features/stage/changes-page.tsx'],
    data: [ofService, ofStage],
  },
  {
    path: '/services/:service/stages/:stage/dashboard',
    code: [SERVICE, STAGE, 'src/features/dashboard/dashboard.tsx'],
    data: [ofService, ofStage, `${ofService}/stages`, `${ofStage}/statistics?from=1h&compare=false`],
  },
  {
    path: '/services/:service/stages/:stage/logs',
    code: [SERVICE, STAGE, 'src/features/logs/logs.tsx'],
    data: [ofService, ofStage],
  },
]

/** Reads off the manifest of a build which files those are. */
export function aheadOf(manifestFile: string): Ahead {
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest
  // The page names its own files too, but further down: without this they would come after those that wait for them.
  const files = (entries: readonly string[]) => closure(manifest, ['index.html', ...entries])
  return { front: files([FRONT]), views: views.map(({ path, code, data }) => ({ path, files: files(code), data })) }
}

/** The files of these modules, and of all that they cannot begin without: what is imported first. */
function closure(manifest: Manifest, entries: readonly string[]): readonly string[] {
  const files = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`ahead.ts names ${name}, which the build has no file of its own for`)
    for (const imported of chunk.imports ?? []) visit(imported)
    for (const file of [...(chunk.css ?? []), chunk.file]) files.add(`/${file}`)
  }
  for (const entry of entries) visit(entry)
  return [...files]
}
