import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Console, startConsole } from './console.ts'
import { seed } from './seed.ts'
import { settle } from './settle.ts'
import { views } from './views.ts'

/**
 * Pictures of every view, light and dark, wide and narrow, into `screenshots/`: `npm run screenshots`, with names of views for some of
 * them. `npm run screenshots -- --language ko` takes them in Korean, into a folder of their own.
 */

const FOLDER = join(import.meta.dirname, '../../screenshots')
const WIDTHS = { wide: 1280, narrow: 360 } as const
const HEIGHT = 900

async function take(at: Console, wanted: readonly string[], locale: string, folder: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, width] of Object.entries(WIDTHS)) {
      const page = await at.open('about:blank', { colorScheme, locale, viewport: { width, height: HEIGHT } })
      for (const [name, path] of views) {
        if (wanted.length > 0 && !wanted.includes(name)) continue
        await page.goto(path)
        await settle(page)
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size}.png`) })
        process.stdout.write(`${name} ${colorScheme} ${size}\n`)
      }
      await page.context().close()
    }
  }
}

const { values, positionals: wanted } = parseArgs({
  options: { language: { type: 'string', default: 'en' } },
  allowPositionals: true,
})
const folder = values.language === 'en' ? FOLDER : join(FOLDER, values.language)
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const at = await startConsole()
try {
  await seed(at.turnpike)
  await take(at, wanted, values.language, folder)
} finally {
  await at.close()
}
