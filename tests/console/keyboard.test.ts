import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { BROWSER } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { choose, press, tabTo, type } from './by-keyboard.ts'
import { type Console, PASSWORD, startConsole } from './console.ts'

/** What one does in the console, once by keyboard alone: what cannot be reached with Tab, nobody presses here. */

/** Runs what a page puts off to the next turn so much later that keys come before it. */
const LATE_TIMERS = `{
  const { setTimeout } = window
  window.setTimeout = (run, delay, ...args) => setTimeout(run, Math.max(delay ?? 0, 50), ...args)
}`

const skip = requireCommands(BROWSER)
let at: Console
before(async () => {
  if (skip !== false) return
  at = await startConsole(['--workers', '1'])
  const pets = (body: string) => ({ '/pets': { methods: { GET: { name: 'Pets', backend: { kind: 'mock', body } } } } })
  await deployDesign(at.turnpike, 'shop', pets('cats'))
})
after(() => at?.close())

test('a document is brought in, and a model is added to it', { skip }, async () => {
  const page = await at.open('/import')
  await tabTo(page, page.getByRole('radio', { name: 'File' }))
  await page.keyboard.press('ArrowRight')
  const document = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths: { /hello: { get: { responses: {} } } }'
  await type(page, page.getByRole('textbox', { name: 'The document' }), document)
  await type(page, page.getByRole('textbox', { name: 'Name of the service' }), 'typed')
  await press(page, page.getByRole('button', { name: 'Show what it does' }))
  await press(page, page.getByRole('button', { name: 'Make the service' }))
  await page.getByRole('treeitem', { name: /^\/hello/ }).waitFor()

  await press(page, page.getByRole('link', { name: 'Models' }))
  await press(page, page.getByRole('button', { name: 'New model' }))
  await type(page, page.getByRole('dialog').getByRole('textbox', { name: 'Name' }), 'Pet')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Pet', level: 1 }).waitFor()
  await press(page, page.getByRole('button', { name: 'Add a property' }))
  await press(page, page.getByRole('button', { name: 'Save' }))
  await page.getByText('Saved', { exact: true }).waitFor()
  await page.context().close()
})

test('a stage gets a plugin, is deployed, called and explained, and gone back with', { skip }, async () => {
  const page = await at.open('/services/shop/stages/live/settings')
  await press(page, page.getByRole('button', { name: 'Add a plugin' }))
  const picker = page.getByRole('dialog', { name: 'Add a plugin' })
  await type(page, picker.getByRole('textbox', { name: 'Search plugins' }), 'key-auth')
  await press(page, picker.getByRole('button', { name: /^key-auth/ }))
  await press(page, page.getByRole('dialog', { name: /key-auth/ }).getByRole('button', { name: 'Save' }))
  await page.getByText('key-auth is saved').waitFor()
  await press(page, page.getByRole('link', { name: '1 to deploy' }))
  await press(page, page.getByRole('button', { name: 'Deploy…' }))
  await press(page, page.getByRole('button', { name: 'Deploy', exact: true }))
  await press(page, page.getByRole('button', { name: 'Done' }))

  await press(page, page.getByRole('link', { name: 'Try and explain' }))
  await choose(page, page.getByRole('combobox', { name: 'Route' }), 'GET /pets')
  await press(page, page.getByRole('button', { name: 'Send', exact: true }))
  await page.getByRole('region', { name: 'What came of it' }).getByText('401').first().waitFor()

  await press(page, page.getByRole('link', { name: 'History', exact: true }))
  await press(page, page.getByRole('button', { name: 'Roll back to it…' }))
  await press(page, page.getByRole('button', { name: 'Make deployment 1 live' }))
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const sent = await call(at.turnpike, 'POST', '/services/shop/stages/live/send', { method: 'GET', target: '/pets' })
  assert.equal(sent.status, 200)
  await page.context().close()
})

test('a plan is made and connected, a key is made and subscribed through it', { skip }, async () => {
  const page = await at.open('/plans')
  // As on a machine that does other things as well: what the page puts off, comes late.
  await page.addInitScript(LATE_TIMERS)
  await page.reload()
  const dialog = page.getByRole('dialog')
  await press(page, page.getByRole('button', { name: 'New plan' }))
  await type(page, dialog.getByRole('textbox', { name: 'Name' }), 'silver')
  await page.keyboard.press('Enter')
  await press(page, page.getByRole('button', { name: 'Connect to a stage' }))
  await choose(page, dialog.getByRole('combobox', { name: 'Service' }), 'shop')
  await choose(page, dialog.getByRole('combobox', { name: 'Stage' }), 'live')
  await press(page, dialog.getByRole('button', { name: 'Connect' }))
  await page.getByRole('link', { name: 'shop/live' }).waitFor()

  await press(page, page.getByRole('link', { name: 'API keys' }))
  await press(page, page.getByRole('button', { name: 'New key' }))
  await type(page, dialog.getByRole('textbox', { name: 'Name' }), 'Acme')
  await page.keyboard.press('Enter')
  await press(page, dialog.getByRole('button', { name: 'I have kept it' }))
  await press(page, page.getByRole('button', { name: 'Subscribe to a stage' }))
  await choose(page, dialog.getByRole('combobox', { name: 'Plan' }), 'silver')
  await choose(page, dialog.getByRole('combobox', { name: 'Stage' }), 'shop/live')
  await press(page, dialog.getByRole('button', { name: 'Subscribe' }))
  await page.getByRole('cell', { name: 'shop/live', exact: true }).waitFor()
  await page.context().close()
})

test('somebody gets a user and a token, and is found in the audit log', { skip }, async () => {
  const page = await at.open('/people')
  const dialog = page.getByRole('dialog')
  await press(page, page.getByRole('button', { name: 'New user' }))
  await type(page, dialog.getByRole('textbox', { name: 'Name' }), 'grace')
  await type(page, dialog.getByRole('textbox', { name: 'Password' }), PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: /grace/ }).waitFor()
  await press(page, page.getByRole('link', { name: 'Tokens' }))
  await press(page, page.getByRole('button', { name: 'New token' }))
  await type(page, dialog.getByRole('textbox', { name: 'Name' }), 'ci')
  await page.keyboard.press('Enter')
  await press(page, dialog.getByRole('button', { name: 'I have kept it' }))
  await press(page, page.getByRole('link', { name: 'Audit log' }))
  await press(page, page.getByRole('link', { name: 'Show what is different: Created user grace' }))
  await page.getByRole('dialog', { name: 'admin: Created user (grace)' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.context().close()
})
