import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'
import { seed } from './seed.ts'
import { go, settle } from './settle.ts'
import { views } from './views.ts'

/** What holds for every view: it can be read by everybody, fits every screen, asks nobody outside, and throws nothing. */

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip !== false) return
  at = await startConsole()
  await seed(at.turnpike)
})
after(() => at?.close())

/** Each view is come to by its address, and from the one before it. */
const looks = [
  { colorScheme: 'light', width: 1280, role: 'admin', visit: (page: Page, path: string) => page.goto(path) },
  { colorScheme: 'dark', width: 360, role: 'viewer', visit: go },
] as const
for (const { colorScheme, width, role, visit } of looks) {
  test(`every view, ${colorScheme}, ${width} px, as ${role}`, { skip }, async (t) => {
    const page = await at.open('/', { colorScheme, role, viewport: { width, height: 900 } })
    await settle(page)
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(`throws ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(`${message.text()} ${message.location().url}`)
    })
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(at.url) && !/^(?:data|blob|about):/.test(url)) troubles.push(`asks ${url}`)
    })
    for (const [name, path] of views) {
      await t.test(name, async () => {
        troubles.length = 0
        await visit(page, path)
        await settle(page)
        const found = await violations(page)
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        if (overflow > 0) found.push(`${overflow} px too wide`)
        assert.deepEqual([...troubles, ...found], [])
      })
    }
  })
}
