import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeCertificate, newPrivateKey } from '../../src/lib/make-certificate.ts'
import { BROWSER } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { choose, hasFocus, pick, press, tabTo, type } from './by-keyboard.ts'
import { type Console, startConsole } from './console.ts'

/** Certificates, policies, gateway responses and files of keys by keyboard alone, and where the focus is after each step. */

const skip = requireCommands(BROWSER)
const DAY_MS = 86_400_000
let at: Console
before(async () => {
  if (skip !== false) return
  at = await startConsole(['--workers', '1'])
  const pets = { '/pets': { methods: { GET: { name: 'Pets', backend: { kind: 'mock', body: 'cats' } } } } }
  await deployDesign(at.turnpike, 'shop', pets)
})
after(() => at?.close())

test('a certificate is added from a text and a file, looked at, and deleted', { skip }, async () => {
  const key = newPrivateKey()
  const [notBefore, notAfter] = [new Date(Date.now() - DAY_MS), new Date(Date.now() + 90 * DAY_MS)]
  const names = ['typed.example']
  const chain = makeCertificate({ commonName: 'typed', names, notBefore, notAfter, key, usage: 'server' })
  const page = await at.open('/certificates')
  const open = page.getByRole('button', { name: 'Upload certificate' })
  const form = page.getByRole('dialog', { name: 'Upload certificate' })
  await press(page, open)
  await hasFocus(page, form.getByRole('textbox', { name: 'Name' }))
  await page.keyboard.insertText('typed.example')
  await type(page, form.getByRole('textbox', { name: 'Chain, in PEM' }), chain)
  const choosing = page.waitForEvent('filechooser')
  await press(page, form.getByRole('button', { name: 'Choose the key file' }))
  const buffer = Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }))
  await (await choosing).setFiles({ name: 'privkey.pem', mimeType: 'application/x-pem-file', buffer })
  await press(page, form.getByRole('button', { name: 'Upload', exact: true }))
  await form.waitFor({ state: 'hidden' })
  await hasFocus(page, open)

  const link = page.getByRole('link', { name: 'typed.example' })
  await press(page, link)
  await page.getByRole('dialog', { name: 'Certificate typed.example' }).getByText('Fingerprint').waitFor()
  await page.keyboard.press('Escape')
  await hasFocus(page, link)

  await press(page, page.getByRole('button', { name: 'Replace or change typed.example' }))
  const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name' })
  await hasFocus(page, name)
  await type(page, name, 'renamed.example')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'renamed.example' }).waitFor()

  await press(page, page.getByRole('button', { name: 'Delete renamed.example' }))
  // What changes nothing has the focus.
  await hasFocus(page, page.getByRole('dialog').getByRole('button', { name: 'Cancel' }))
  await press(page, page.getByRole('dialog').getByRole('button', { name: 'Delete' }))
  await page.getByText('No certificate yet').waitFor()
  await hasFocus(page, page.getByRole('main').locator('*'))
  await page.context().close()
})

test('a policy is made, its values are edited, it is attached, taken off and deleted', { skip }, async () => {
  const page = await at.open('/services/shop/policies')
  const dialog = page.getByRole('dialog')
  await press(page, page.getByRole('button', { name: 'New policy' }))
  await hasFocus(page, dialog.getByRole('textbox', { name: 'Name' }).first())
  await page.keyboard.insertText('tenants')
  await type(page, dialog.getByRole('textbox', { name: 'Name' }).last(), 'x-tenant')
  await page.keyboard.press('Enter')
  const heading = page.getByRole('heading', { name: 'tenants', level: 1 })
  await heading.waitFor()
  await hasFocus(page, heading)

  const add = page.getByRole('button', { name: 'Add a value' })
  for (const value of ['acme', 'bolt']) {
    await press(page, add)
    await hasFocus(page, dialog.getByRole('textbox', { name: 'Value', exact: true }))
    await page.keyboard.insertText(value)
    await type(page, dialog.getByRole('textbox', { name: 'Requests per second' }), '5')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await hasFocus(page, add)
  }
  const change = page.getByRole('button', { name: 'Change acme' })
  await press(page, change)
  await type(page, dialog.getByRole('textbox', { name: 'Requests per second' }), '40')
  await press(page, dialog.getByRole('button', { name: 'Set up: Networks' }))
  // What is in the place of the button that is gone.
  await hasFocus(page, dialog.getByRole('group', { name: 'Networks' }).locator('*'))
  await type(page, dialog.getByLabel('List'), '10.0.0.0/8')
  await page.keyboard.press('Enter')
  await press(page, dialog.getByRole('button', { name: 'Save' }))
  await page.getByRole('cell', { name: 'only 10.0.0.0/8' }).waitFor()
  await hasFocus(page, change)
  await press(page, page.getByRole('button', { name: 'Remove acme' }))
  await hasFocus(page, page.getByRole('button', { name: 'Remove bolt' }))
  const policy = await call(at.turnpike, 'GET', '/services/shop/policies/tenants')
  assert.deepEqual(policy.values, [{ value: 'bolt', requestsPerSecond: 5, networks: null }])

  await page.goto('/services/shop/design?node=/pets&part=plugins')
  await press(page, page.getByRole('button', { name: 'Add a plugin' }))
  await type(page, dialog.getByRole('textbox', { name: 'Search plugins' }), 'restriction')
  await press(page, dialog.getByRole('button', { name: /^restriction-policy/ }))
  const drawer = page.getByRole('dialog', { name: 'restriction-policy' })
  await choose(page, drawer.getByRole('combobox', { name: 'Policy' }), 'tenants')
  await press(page, drawer.getByRole('button', { name: 'Save' }))
  await drawer.waitFor({ state: 'hidden' })

  await page.goto('/services/shop/policies/tenants')
  const remove = page.getByRole('button', { name: 'Delete' })
  await press(page, remove)
  await page.getByRole('dialog', { name: 'tenants is in use' }).getByText('/pets').waitFor()
  await page.keyboard.press('Escape')
  await hasFocus(page, remove)

  await page.goto('/services/shop/design?node=/pets&part=plugins')
  await pick(page, page.getByRole('button', { name: 'What to do with restriction-policy' }), 'Take off')
  await page.getByText('restriction-policy is taken off').waitFor()

  await page.goto('/services/shop/policies/tenants')
  await press(page, remove)
  await page.getByText('No restriction policy yet').waitFor()
  await hasFocus(page, page.getByRole('heading', { name: 'Restriction policies', level: 1 }))
  await page.context().close()
})

test('a gateway response is redefined with its preview, and taken back', { skip }, async () => {
  const page = await at.open('/services/shop/responses')
  await press(page, page.getByRole('link', { name: 'not-found', exact: true }))
  await hasFocus(page, page.getByRole('heading', { name: 'not-found', level: 1 }))
  await type(page, page.getByRole('textbox', { name: 'Status' }), '410')
  await press(page, page.getByRole('button', { name: 'Add: Bodies' }))
  await type(page, page.getByRole('textbox', { name: 'Content type' }), 'text/plain')
  await type(page, page.getByRole('textbox', { name: 'Body' }), 'gone: ${error.type}')
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByText('gone: not-found').waitFor()
  await preview.getByText('HTTP/1.1 410').waitFor()
  await press(page, page.getByRole('button', { name: 'Save' }))
  await page.getByText('not-found is redefined').waitFor()

  const reset = page.getByRole('button', { name: 'Reset to the default' })
  await tabTo(page, reset, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText('not-found is the default one again').waitFor()
  await reset.waitFor({ state: 'detached' })
  await hasFocus(page, page.getByRole('main').locator('*'))
  await page.context().close()
})

test('keys come from a file and from a text, are looked at, and made', { skip }, async () => {
  const page = await at.open('/keys/import')
  const text = page.getByRole('textbox', { name: 'Or paste it, or drop the file here' })
  const look = page.getByRole('button', { name: 'Look what would be made' })
  const choosing = page.waitForEvent('filechooser')
  await press(page, page.getByRole('button', { name: 'Choose a file' }))
  const buffer = Buffer.from('name,primary\nDelta,bad\n')
  await (await choosing).setFiles({ name: 'keys.csv', mimeType: 'text/csv', buffer })
  await page.getByRole('button', { name: 'Look what would be made', disabled: false }).waitFor()
  await press(page, look)
  await page.getByRole('row').filter({ hasText: 'Delta,bad' }).waitFor()
  // To do it once more, nobody has to look for the button.
  await hasFocus(page, look)
  await tabTo(page, text, 'Shift+Tab')
  await type(page, text, 'name,primary\nDelta,\nEcho,\n')
  await press(page, look)
  await page.getByText('2 keys would be made; nothing is made yet').waitFor()
  await hasFocus(page, look)
  await press(page, page.getByRole('button', { name: 'Make 2 keys' }))
  await page.getByText('2 keys are made').waitFor()
  await hasFocus(page, page.getByRole('button', { name: 'Download as CSV' }))
  const downloading = page.waitForEvent('download')
  await page.keyboard.press('Enter')
  assert.equal((await downloading).suggestedFilename(), 'new-keys.csv')
  await press(page, page.getByRole('link', { name: 'To the keys' }))
  await page.getByRole('link', { name: 'Echo' }).waitFor()
  await page.context().close()
})
