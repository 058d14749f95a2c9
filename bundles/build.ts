import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Makes one file each of packages that come as hundreds: to find, open and link those is most of what the start of a thread costs.
 * They are imported as `#bundles/NAME` (`imports` in package.json).
 */

const PACKAGES = ['kysely', 'typebox']
const DIST = join(import.meta.dirname, 'dist')

rmSync(DIST, { recursive: true, force: true })
for (const name of PACKAGES) {
  const bundle = await rolldown({ input: name, cwd: import.meta.dirname, platform: 'node', logLevel: 'warn' })
  await bundle.write({ file: join(DIST, `${name}.mjs`), format: 'esm' })
  writeFileSync(join(DIST, `${name}.d.mts`), `export * from '${name}'\n`)
}
