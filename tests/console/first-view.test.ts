import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { type Console, startConsole } from './console.ts'
import { seed } from './seed.ts'
import { settle } from './settle.ts'

/** What the page names as needed next (`console/ahead.ts`) is what the view then needs: nothing is fetched for nobody, or twice. */

interface Ahead {
  readonly views: readonly {
    readonly path: string
    readonly files: readonly string[]
    readonly data: readonly string[]
  }[]
}

const AHEAD = join(import.meta.dirname, '../../console/dist/ahead.json')
const { views }: Ahead = JSON.parse(readFileSync(AHEAD, 'utf8'))
/** Notes what the page itself asks for: runs in it, so it is a text. */
const NOTING = `(() => {
  window.asked = []
  const { fetch } = window
  window.fetch = (request, ...rest) => {
    window.asked.push(new URL(request.url ?? request, location.href).href)
    return fetch(request, ...rest)
  }
})()`

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip !== false) return
  at = await startConsole()
  await seed(at.turnpike)
})
after(() => at?.close())

const named = (path: string) => path.replace(':service', 'shop').replace(':stage', 'live')

for (const { path, files, data } of views) {
  test(`what is named ahead of ${path} is used, once`, { skip }, async () => {
    const page = await at.open('about:blank')
    await page.addInitScript(NOTING)
    const fetched: string[] = []
    page.on('request', (request) => fetched.push(request.url()))
    await page.goto(named(path))
    await settle(page)
    const asked = new Set(await page.evaluate<string[]>('window.asked'))
    const loaded = new Set(
      await page.evaluate<string[]>("[...document.querySelectorAll('link[rel=stylesheet]')].map(({ href }) => href)"),
    )
    for (const file of files) {
      const url = at.url + file
      assert.equal(fetched.filter((one) => one === url).length, 1, `${file} is fetched once`)
      if (file.endsWith('.css')) assert.ok(loaded.has(url), `${file} is used`)
    }
    for (const what of ['/api/v1/me', ...data.map(named)]) {
      const url = at.url + what
      assert.ok(asked.has(url), `${path} asks for ${what}`)
      assert.equal(fetched.filter((one) => one === url).length, 1, `${what} is fetched once`)
    }
    await page.context().close()
  })
}

test('nobody who is not in is told of more than the login', { skip }, async () => {
  const reply = await fetch(`${at.url}/services/shop/design`, { headers: { accept: 'text/html' } })
  const link = reply.headers.get('link') ?? ''
  assert.match(link, /front-/)
  assert.doesNotMatch(link, /design|shop/)
})
