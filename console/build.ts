import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'
import { aheadOf } from './ahead.ts'

/** Builds the console into `dist/`, with each file compressed once, so that nobody has to while serving. */

const DIST = join(import.meta.dirname, 'dist')
/** Below that a head costs more than is won. */
const SMALL_BYTES = 1_024
/** What is fetched with the page is made as small as it can be; for all the rest that would take longer than the build itself. */
const FAST_QUALITY = 9
/** Which file is made of what: read here, and nobody's business later. */
const MANIFEST = 'manifest.json'

await build({ root: import.meta.dirname, logLevel: 'warn', build: { manifest: MANIFEST } })
const ahead = aheadOf(join(DIST, MANIFEST))
writeFileSync(join(DIST, 'ahead.json'), JSON.stringify(ahead))
rmSync(join(DIST, MANIFEST))
const first = new Set([ahead.front, ...ahead.views.map(({ files }) => files)].flat())
for (const file of globSync('**/*.{js,css,html,svg}', { cwd: DIST })) {
  const path = join(DIST, file)
  const bytes = readFileSync(path)
  if (bytes.length < SMALL_BYTES) continue
  const quality = first.has(`/${file}`) ? constants.BROTLI_MAX_QUALITY : FAST_QUALITY
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}
