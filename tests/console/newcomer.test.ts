import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { stringify } from 'yaml'
import { BROWSER, startBrowser } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'
import { violations } from './axe.ts'
import { PASSWORD } from './console.ts'

/** From a fresh program and one OpenAPI file to an API that is protected and watched, by nothing but what is to be read on the page. */

const skip = requireCommands(BROWSER)
const backend = createServer((_, response) => response.end('from the backend'))
let turnpike: Turnpike
let browser: Browser
before(async () => {
  if (skip !== false) return
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike()
  browser = await startBrowser()
})
after(async () => {
  backend.close()
  await browser?.close()
  await turnpike?.stop()
})

const PATIENCE_MS = 30_000
/** How many requests an hour the newcomer lets through. */
const LIMIT = 5

/** Orders, customers and what belongs to them: 20 operations. */
function openApiFile(): string {
  const ok = { responses: { 200: { description: 'As asked for.' } } }
  const id = { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] }
  const names = ['orders', 'customers', 'products', 'invoices']
  const paths = names.flatMap((name) => [
    [`/${name}`, { get: { summary: `List ${name}`, ...ok }, post: { summary: `Add to ${name}`, ...ok } }],
    [
      `/${name}/{id}`,
      {
        ...id,
        get: { summary: `Read of ${name}`, ...ok },
        put: { summary: `Set in ${name}`, ...ok },
        delete: { summary: `Remove from ${name}`, ...ok },
      },
    ],
  ])
  const info = { title: 'Orders', version: '1.0.0' }
  return stringify({ openapi: '3.1.0', info, paths: Object.fromEntries(paths) })
}

/** What a program is answered that calls the address which the page shows. */
function statusOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    // No resolver is asked for a name below localhost.
    const asked = request({ host: '127.0.0.1', port, path: pathname, headers: { host: hostname, ...headers } })
    asked.on('error', reject).end()
    asked.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
  })
}

async function choose(page: Page, field: string, option: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog
    .getByRole('combobox', { name: field })
    .or(dialog.getByRole('textbox', { name: field }))
    .click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

test('a newcomer gets from the set-up link to an API with keys, a limit and a living dashboard', { skip }, async () => {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE_MS)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })

  // The link that the program has printed makes the first user, and leads to the guide.
  await page.goto(/(http:\S+\/setup#token=\S+)/.exec(turnpike.output())?.[1] ?? '')
  await page.getByRole('textbox', { name: 'Name' }).fill('ada')
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await button('Make the user').click()

  // One file, and where the backend is: it is live, and the page says where.
  await page.getByRole('radio', { name: /My API, with its OpenAPI document/ }).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('OpenAPI document').click()])
  await chooser.setFiles({ name: 'orders.yaml', mimeType: 'application/yaml', buffer: Buffer.from(openApiFile()) })
  const { port } = backend.address() as AddressInfo
  await page.getByRole('textbox', { name: 'URL of the backend' }).fill(`http://127.0.0.1:${port}`)
  await button('Make it and deploy').click()
  await page.getByRole('heading', { name: 'orders is live' }).waitFor()
  const [url = ''] = /http:\/\/orders\.\S+\d/.exec(await page.getByText('Programs reach it as').innerText()) ?? []
  await button('Send').click()
  await page.getByText(/Answered 200/).waitFor()
  assert.equal(await statusOf(`${url}/customers`), 200)

  // What is next is to protect it; each step is where it is named.
  await page.getByRole('link', { name: /^Protect it/ }).click()
  await button('Add key-auth').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await button('Add key-auth').waitFor({ state: 'detached' })
  await button('Add rate-limit').click()
  const limit = page.getByRole('dialog')
  await limit.getByRole('textbox', { name: 'Requests' }).fill(String(LIMIT))
  await limit.getByRole('combobox', { name: 'Per', exact: true }).selectOption('hour')
  await limit.getByRole('button', { name: 'Save' }).click()
  await button('Add rate-limit').waitFor({ state: 'detached' })
  await button('Deploy…').click()
  await page.getByRole('dialog').getByText('rate-limit').first().waitFor()
  await button(/^(Apply and deploy|Deploy)$/).click()
  await page.getByText('Deployment 2 is live.').waitFor()
  await button('Done').click()
  await page.getByRole('listitem').filter({ hasText: 'Deploy it' }).getByRole('img', { name: 'Done' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 360, height: 800 })
  assert.deepEqual(await violations(page), [])
  assert.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), 360)
  await page.setViewportSize({ width: 1280, height: 800 })
  assert.equal(await statusOf(`${url}/customers`), 401)

  // A plan, connected to the stage; a key, subscribed through the plan.
  await page.getByRole('link', { name: 'To the usage plans' }).click()
  await button('New plan').click()
  await page.getByRole('textbox', { name: 'Name' }).fill('free')
  await page.getByRole('textbox', { name: 'Requests per second' }).fill('100')
  await button('Create').click()
  await button('Connect to a stage').click()
  await choose(page, 'Service', 'orders')
  await choose(page, 'Stage', 'live')
  await button('Connect').click()
  await page.getByRole('link', { name: 'orders/live' }).waitFor()
  await page.getByRole('link', { name: 'API keys' }).click()
  await button('New key').click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada’s phone')
  await button('Create').click()
  const made = page.getByRole('dialog', { name: /is made/ })
  await made.getByRole('button', { name: 'Copy' }).first().click()
  const key = await page.evaluate<string>('navigator.clipboard.readText()')
  await made.getByRole('button', { name: 'I have kept it' }).click()
  await button('Subscribe to a stage').click()
  await choose(page, 'Plan', 'free')
  await choose(page, 'Stage', 'orders/live')
  await button('Subscribe').click()
  await page.getByRole('cell', { name: 'orders/live', exact: true }).waitFor()

  // With the key it may be called, as often as was said and no more.
  const withKey = { 'x-api-key': key }
  for (let i = 0; i < LIMIT; i++) assert.equal(await statusOf(`${url}/customers`, withKey), 200)
  assert.equal(await statusOf(`${url}/customers`, withKey), 429)
  assert.equal(await statusOf(`${url}/customers`), 401)

  // From the key to its stage, and to what was called there just now.
  await page.getByRole('link', { name: 'orders/live' }).click()
  await page.getByRole('link', { name: 'Dashboard', exact: true }).click()
  const statuses = page.getByRole('region', { name: 'Statuses' })
  await statuses.getByRole('link', { name: '429' }).waitFor()
  await statuses.getByRole('link', { name: '401' }).waitFor()
  await page.getByText('Live', { exact: true }).first().click()
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor()
  assert.equal(await statusOf(`${url}/customers`, withKey), 429)
  await page.getByRole('img', { name: /4xx: highest [1-9]/ }).waitFor()
  await context.close()
})
