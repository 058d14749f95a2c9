import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { type Console, startConsole } from './console.ts'
import { arrive } from './settle.ts'

/** Requests that are tried from the console, and API documents that are read there. */

const skip = requireCommands(['chromium'])
const SECRET = 'a secret that both know'
let at: Console
before(async () => {
  if (skip !== false) return
  at = await startConsole(['--workers', '1'])
  const mock = (body: string) => ({ backend: { kind: 'mock', body } })
  await deployDesign(at.turnpike, 'tried', {
    '/pets/{petId}': {
      methods: {
        GET: {
          ...mock('{"id":"${request.path.petId}"}'),
          name: 'Read a pet',
          parameters: [{ name: 'full', in: 'query', required: true, schema: { type: 'integer', default: 1 } }],
        },
      },
    },
    '/keyed': { plugins: [{ plugin: 'key-auth', config: {} }], methods: { GET: mock('in') } },
    '/signed': {
      plugins: [{ plugin: 'hmac-auth', config: { keys: [{ id: 'one', secret: SECRET }], bodyDigest: true } }],
      methods: { POST: mock('signed') },
    },
  })
})
after(() => at?.close())

const TRY = '/services/tried/stages/live/try'
const outcome = (page: Page) => page.getByRole('region', { name: 'What came of it' })
const send = (page: Page) => page.getByRole('button', { name: 'Send', exact: true }).click()

async function chooseRoute(page: Page, route: string): Promise<void> {
  await page
    .getByRole('combobox', { name: 'Route' })
    .or(page.getByRole('textbox', { name: 'Route' }))
    .fill(route)
  await page.getByRole('option', { name: route }).click()
}

test('a request is made of a route, sent, and explained; the address has it', { skip }, async () => {
  const page = await at.open(TRY)
  await chooseRoute(page, 'GET /pets/{petId}')
  await page.getByRole('textbox', { name: 'Path variable petId' }).fill('a 1')
  await page.getByRole('textbox', { name: 'Value of full' }).waitFor()
  await send(page)
  await outcome(page).getByText('"id": "a 1"').first().waitFor()
  await outcome(page).getByText('GET /pets/{petId}').waitFor()
  await page.getByText(`curl -i 'http://tried.localhost:${at.turnpike.gatewayPort}/pets/a%201?full=1'`).waitFor()
  await page.waitForURL(/pets%2Fa%25201/)
  await page.reload()
  assert.equal(await page.getByRole('textbox', { name: 'Path variable petId' }).inputValue(), 'a 1')
})

test('the page stays where it is while the address follows what is typed and chosen', { skip }, async () => {
  const page = await at.open(TRY, { viewport: { width: 1280, height: 400 } })
  await chooseRoute(page, 'GET /pets/{petId}')
  await arrive(page, /pets%2F/)
  const scrolled = () => page.evaluate<number>('new Promise((drawn) => requestAnimationFrame(() => drawn(scrollY)))')
  for (const [change, address] of [
    [() => page.keyboard.insertText('rex'), /pets%2Frex/],
    [() => page.getByRole('radio', { name: 'Only explain it' }).dispatchEvent('click'), /dry=1/],
  ] as const) {
    await page.getByRole('textbox', { name: 'Path variable petId' }).focus()
    await page.evaluate('scrollTo(0, 150)')
    assert.equal(await scrolled(), 150)
    await change()
    await arrive(page, address)
    // What comes above the field may move it a little.
    assert.ok((await scrolled()) > 100, `scrolled by ${await scrolled()} px`)
  }
})

test('a key lets in; it is in no address, and shows in no command unless it is asked for', { skip }, async () => {
  const created = await call(at.turnpike, 'POST', '/keys', { name: 'mine' })
  const value = String(created.values?.primary)
  const plan = await call(at.turnpike, 'POST', '/plans', { name: 'free' })
  await call(at.turnpike, 'PUT', `/plans/${plan.id}/stages/tried/live`)
  await call(at.turnpike, 'PUT', `/keys/${created.key?.id}/subscriptions/tried/live`, { plan: 'free' })
  const page = await at.open(TRY)
  await chooseRoute(page, 'GET /keyed')
  await send(page)
  await outcome(page).getByText('401').first().waitFor()
  await outcome(page).getByText('key-auth').waitFor()
  await page.getByText('API key', { exact: true }).click()
  await page.getByRole('textbox', { name: 'API key' }).fill(value)
  await send(page)
  await outcome(page).getByText('200').first().waitFor()
  assert.ok(!page.url().includes(value))
  await page.getByText('x-api-key: •••').first().waitFor()
  assert.equal(await page.getByText(value).count(), 0)
  await page.getByRole('switch', { name: 'With what is secret' }).click()
  await page.getByText(value).first().waitFor()
})

test('a signature that the page makes is taken', { skip }, async () => {
  const page = await at.open(TRY)
  await chooseRoute(page, 'POST /signed')
  await page.getByRole('textbox', { name: 'Body' }).fill('{"a":1}')
  await page.getByText('HMAC', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Key id' }).fill('one')
  await page.getByRole('textbox', { name: 'Secret' }).fill(SECRET)
  await page.getByRole('checkbox', { name: /digest/ }).check()
  await send(page)
  await outcome(page).getByText('200').first().waitFor()
})

test('what is not live yet can be explained: the draft, an old deployment', { skip }, async () => {
  const { id } = await call(at.turnpike, 'POST', '/services/tried/resources', { path: '/later' })
  const method = { verb: 'GET', backend: { kind: 'mock', body: 'from the draft' } }
  await call(at.turnpike, 'POST', `/services/tried/resources/${id}/methods`, method)
  const page = await at.open(`${TRY}?method=GET&target=%2Flater&dry=1&against=draft`)
  await page.getByRole('button', { name: 'Explain', exact: true }).click()
  await outcome(page).getByText('from the draft').waitFor()
  await page
    .getByRole('textbox', { name: 'Against' })
    .or(page.getByRole('combobox', { name: 'Against' }))
    .click()
  await page.getByRole('option', { name: 'deployment 1' }).click()
  await page.waitForURL(({ searchParams }) => searchParams.get('against') === '1')
  await page.getByRole('button', { name: 'Explain', exact: true }).click()
  await outcome(page).getByText('None fits.').waitFor()
})

test('an API document is read by everybody once it is public; nothing of it leaves the page', { skip }, async () => {
  const anonymous = await at.browser.newPage({ baseURL: at.url })
  const troubles: string[] = []
  anonymous.on('request', (request) => {
    if (!request.url().startsWith(at.url) && !/^(?:data|blob):/.test(request.url())) troubles.push(request.url())
  })
  await anonymous.goto('/documents/tried/live')
  await anonymous.getByText('There is no such document, or it is not public').waitFor()
  anonymous.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })

  const page = await at.open('/services/tried/stages/live/document')
  await page.getByRole('switch', { name: 'Everybody may read it' }).click()
  await page.getByRole('link', { name: 'Public address' }).waitFor()
  await page.getByText('Read a pet').first().waitFor()

  await anonymous.goto('/documents/tried/live')
  await anonymous.getByText('Read a pet').first().waitFor()
  // What runs only where somebody looks is run as well.
  await anonymous.mouse.wheel(0, 4_000)
  await anonymous.waitForLoadState('networkidle')
  assert.equal(await anonymous.getByRole('button', { name: /Test Request/i }).count(), 0)
  assert.deepEqual(troubles, [])
  await anonymous.close()
})
