import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import type { Json } from '../support/turnpike.ts'
import { violations } from './axe.ts'
import { hasFocus } from './by-keyboard.ts'
import { type Console, startConsole } from './console.ts'

/** What is typed into a dialog is not lost by a slip of the hand; what is open has an address; what was taken away comes back. */

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip === false) at = await startConsole(['--workers', '1'])
})
after(() => at?.close())

test('a dialog with something typed asks before it closes; it is sent with a key, and the focus returns', {
  skip,
}, async () => {
  const page = await at.open('/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Services' }).click()
  const open = page.getByRole('button', { name: 'New service' })
  const dialog = page.getByRole('dialog', { name: 'New service' })
  const name = dialog.getByRole('textbox', { name: 'Name' })
  const question = page.getByRole('dialog', { name: 'Close without saving?' })
  await open.press('Enter')
  await name.fill('Not A Name')
  await page.keyboard.press('Escape')
  await question.waitFor()
  assert.deepEqual(await violations(page), [])
  // Escape answers the question, and not for the dialog behind it.
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  assert.equal(await name.inputValue(), 'Not A Name')

  await dialog.getByRole('textbox', { name: 'Description' }).fill('Of mine.')
  await page.keyboard.press('Control+Enter')
  await dialog.getByRole('alert').waitFor()
  assert.match(String(await name.getAttribute('aria-describedby')), /error/)
  await dialog.getByText('up to 30 lower-case letters', { exact: false }).first().waitFor()
  assert.equal(await dialog.getByText('^[a-z]', { exact: false }).count(), 0)
  assert.equal(await dialog.getByRole('textbox', { name: 'Description' }).inputValue(), 'Of mine.')

  // Back asks as well.
  page.once('dialog', (asked) => void asked.dismiss())
  await page.goBack()
  assert.equal(await name.inputValue(), 'Not A Name')

  await page.keyboard.press('Escape')
  await question.getByRole('button', { name: 'Close without saving' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await hasFocus(page, open)
  // Where nothing is typed, nothing is asked.
  await open.press('Enter')
  await name.waitFor()
  assert.equal(await name.inputValue(), '')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })

  await open.press('Enter')
  await name.fill('typed')
  await name.press('Enter')
  await page.waitForURL('**/services/typed/**')
  await page.context().close()
})

test('an open plugin has an address, on the draft, on a stage and at a node of it; Back closes it', {
  skip,
}, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'linked' })
  const [root] = (await call(at.turnpike, 'GET', '/services/linked/resources')).items as unknown as Json[]
  const limit = { plugin: 'rate-limit', config: { requests: 5 } }
  await call(at.turnpike, 'PATCH', `/services/linked/resources/${root?.id}`, { plugins: [limit] })
  await call(at.turnpike, 'POST', '/services/linked/resources', { path: '/pets' })
  await call(at.turnpike, 'POST', '/services/linked/stages', { name: 'live' })
  await call(at.turnpike, 'POST', '/services/linked/stages/live/apply')
  const page = await at.open('/services/linked/design?node=/&part=plugins&plugin=rate-limit')
  const drawer = page.getByRole('dialog', { name: 'rate-limit' })
  const requests = drawer.getByRole('textbox', { name: 'Requests' })
  await drawer.waitFor()
  assert.equal(await requests.inputValue(), '5')
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  assert.doesNotMatch(page.url(), /plugin=/)
  await page.getByRole('button', { name: 'rate-limit', exact: true }).click()
  await drawer.waitFor()
  assert.match(page.url(), /plugin=rate-limit/)
  await page.goBack()
  await drawer.waitFor({ state: 'hidden' })

  // A node of the overlay: what the design says is overridden there.
  await page.goto('/services/linked/design?node=/pets&stage=live&part=plugins&plugin=rate-limit')
  await drawer.getByRole('button', { name: 'Override here' }).click()
  await requests.fill('7')
  // Back does not take away what was typed.
  page.once('dialog', (asked) => void asked.dismiss())
  await page.goBack()
  assert.equal(await requests.inputValue(), '7')
  await drawer.getByRole('button', { name: 'Save' }).click()
  await drawer.waitFor({ state: 'hidden' })
  const stage = await call(at.turnpike, 'GET', '/services/linked/stages/live')
  assert.partialDeepStrictEqual(stage.overlay?.[0] as Json, {
    path: '/pets',
    plugins: [{ plugin: 'rate-limit', config: { requests: 7 } }],
  })

  // The root of the stage has plugins of its own, beside those of the path /.
  await page.goto('/services/linked/stages/live/settings')
  await page.getByRole('button', { name: 'Add a plugin' }).click()
  const picker = page.getByRole('dialog')
  await picker.getByRole('button', { name: /^access-log/ }).click()
  const log = page.getByRole('dialog', { name: 'access-log' })
  await log.getByRole('button', { name: 'Save' }).click()
  await log.waitFor({ state: 'hidden' })
  const { plugins } = await call(at.turnpike, 'GET', '/services/linked/stages/live')
  assert.equal((plugins as unknown as Json[])[0]?.plugin, 'access-log')
  await page.context().close()
})

test('what can be put back is taken away at once, and comes back as it was', { skip }, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'undone' })
  const [root] = (await call(at.turnpike, 'GET', '/services/undone/resources')).items as unknown as Json[]
  const auth = { plugin: 'basic-auth', config: { users: [{ name: 'ada', password: 'correct horse' }] } }
  const rootPath = `/services/undone/resources/${root?.id}`
  await call(at.turnpike, 'PATCH', rootPath, { plugins: [auth] })
  const was = (await call(at.turnpike, 'GET', rootPath)).plugins
  await call(at.turnpike, 'POST', '/services/undone/stages', { name: 'live' })
  const rule = '/services/undone/stages/live/alerts/slow'
  const { version: _, ...made } = await call(at.turnpike, 'PUT', rule, { kind: 'latency', threshold: 77 })

  const page = await at.open('/services/undone/stages/live/alerts')
  const undo = page.getByRole('button', { name: 'Undo' })
  await page.getByRole('button', { name: 'Delete slow' }).click()
  await page.getByRole('heading', { name: 'No rule yet' }).waitFor()
  await undo.click()
  await page.getByRole('link', { name: 'slow' }).waitFor()
  const { threshold, kind } = await call(at.turnpike, 'GET', rule)
  assert.deepEqual([threshold, kind], [made.threshold, made.kind])

  await page.goto('/services/undone/design?node=/&part=plugins')
  await page.getByRole('button', { name: 'What to do with basic-auth' }).click()
  await page.getByRole('menuitem', { name: 'Take off' }).click()
  await page.getByText('basic-auth is taken off').waitFor()
  assert.deepEqual((await call(at.turnpike, 'GET', rootPath)).plugins, [])
  await undo.last().click()
  await page.getByText('basic-auth is as it was').waitFor()
  // Its password too, which nobody can read.
  assert.deepEqual((await call(at.turnpike, 'GET', rootPath)).plugins, was)
  await page.context().close()
})
