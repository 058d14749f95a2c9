import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Console, startConsole } from './console.ts'
import { seed } from './seed.ts'
import { settle } from './settle.ts'
import { views } from './views.ts'

/** Pictures of every view, light and dark, wide and narrow, into `screenshots/`: `npm run screenshots`, with names of views for some. */

const FOLDER = join(import.meta.dirname, '../../screenshots')
const WIDTHS = { wide: 1280, narrow: 360 } as const
const HEIGHT = 900

async function take(at: Console, wanted: readonly string[]): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, width] of Object.entries(WIDTHS)) {
      const page = await at.open('about:blank', { colorScheme, viewport: { width, height: HEIGHT } })
      for (const [name, path] of views) {
        if (wanted.length > 0 && !wanted.includes(name)) continue
        await page.goto(path)
        await settle(page)
        await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${size}.png`) })
        process.stdout.write(`${name} ${colorScheme} ${size}\n`)
      }
      await page.context().close()
    }
  }
}

const wanted = process.argv.slice(2)
if (wanted.length === 0) rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
const at = await startConsole()
try {
  await seed(at.turnpike)
  await take(at, wanted)
} finally {
  await at.close()
}
