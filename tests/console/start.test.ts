import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'

/** The guided start: from nothing to a 200 of one's own API, or the demo's. */

const skip = requireCommands(['chromium'])
const backend = createServer((request, response) => response.end(`own backend, ${request.url}`))
let at: Console
let backendUrl: string
before(async () => {
  if (skip !== false) return
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  at = await startConsole()
})
after(async () => {
  backend.close()
  await at?.close()
})

test('the demo, by keyboard only', { skip }, async () => {
  const page = await at.open('/start')
  await page.getByRole('radio', { name: /The demo/ }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Make it and deploy' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'demo is live' }).waitFor()
  // It can be pressed once it is known which paths there are.
  await page.getByRole('button', { name: 'Send', disabled: false }).focus()
  await page.keyboard.press('Enter')
  await page.getByText(/Answered 200/).waitFor()
  await page.getByRole('region', { name: 'Body of the answer' }).getByText('"kind": "cat"').first().waitFor()
  assert.deepEqual(await violations(page), [])
})

test('a backend as it is', { skip }, async () => {
  const page = await at.open('/start')
  await page.getByRole('radio', { name: /My backend/ }).click()
  await page.getByRole('textbox', { name: 'Name of the service' }).fill('plain')
  await page.getByRole('textbox', { name: 'URL of the backend' }).fill(backendUrl)
  await page.getByRole('button', { name: 'Make it and deploy' }).click()
  await page.getByRole('heading', { name: 'plain is live' }).waitFor()
  await page.getByRole('combobox', { name: 'Path and query' }).fill('/any/where?q=1')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('own backend, /any/where?q=1').waitFor()
  // What is shown is where programs reach it, as its stage says.
  await page.getByText(`http://plain.localhost:${at.turnpike.gatewayPort}`, { exact: false }).first().waitFor()
  const [stage] = (await call(at.turnpike, 'GET', '/services/plain/stages')).items as unknown as { name: string }[]
  await call(at.turnpike, 'PATCH', `/services/plain/stages/${stage?.name}`, { https: 'required', isDefault: false })
  await page.reload()
  await page.getByText(`https://plain-${stage?.name}.localhost:`, { exact: false }).first().waitFor()
  await page.goto('/no/such/view')
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
  // The title comes with the next picture.
  await page.evaluate('new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))')
  assert.equal(await page.title(), 'There is nothing here · Turnpike')
})

test('an OpenAPI document; what is wrong with it is said, and nothing that was typed is lost', { skip }, async () => {
  const page = await at.open('/start')
  await page.getByRole('radio', { name: /My API/ }).click()
  const document = page.getByRole('textbox', { name: 'Or paste it' })
  await document.fill('openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths: { /a: { get: { respon')
  await page.getByRole('textbox', { name: 'Name of the service' }).fill('mine')
  await page.getByRole('textbox', { name: 'URL of the backend' }).fill(backendUrl)
  await page.getByRole('button', { name: 'Make it and deploy' }).click()
  await page.getByRole('alert').waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'Name of the service' }).inputValue(), 'mine')
  await document.fill('openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths: { /hello: { get: { responses: {} } } }')
  await page.getByRole('button', { name: 'Make it and deploy' }).click()
  await page.getByRole('heading', { name: 'mine is live' }).waitFor()
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('own backend, /hello').waitFor()
})

test('a viewer is told who can make one', { skip }, async () => {
  const page = await at.open('/start', { role: 'viewer' })
  await page.getByText(/ask an admin/).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Make it and deploy' }).count(), 0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 360]) {
    test(`breaks no rule of axe: ${colorScheme}, ${width} px`, { skip }, async () => {
      const page = await at.open('/start', { colorScheme, viewport: { width, height: 800 } })
      await page.getByRole('button', { name: 'Make it and deploy' }).waitFor()
      assert.deepEqual(await violations(page), [])
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.ok(overflow <= 0, `${overflow} px too wide`)
    })
  }
}
