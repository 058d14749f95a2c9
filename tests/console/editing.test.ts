import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { BROWSER } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import type { Turnpike } from '../support/turnpike.ts'
import { hasFocus } from './by-keyboard.ts'
import { type Console, PASSWORD, startConsole } from './console.ts'

/** What is typed is kept, whoever else is faster, and whatever becomes of the program or the session meanwhile. */

const skip = requireCommands(BROWSER)
let at: Console
/** The program that runs now: it is ended and started again. */
let running: Turnpike
before(async () => {
  if (skip !== false) return
  at = await startConsole(['--workers', '1'])
  running = at.turnpike
  const plugins = [{ plugin: 'rate-limit', config: { requests: 10, period: 'second' } }]
  const backend = { kind: 'mock', body: 'cats' }
  await deployDesign(running, 'edited', { '/pets': { methods: { GET: { name: 'List pets', backend, plugins } } } })
  await call(running, 'PUT', '/services/edited/stages/live/alerts/slow', { kind: 'latency', threshold: 2000 })
  await call(running, 'POST', '/plans', { name: 'gold', requestsPerSecond: 5 })
  await call(running, 'POST', '/keys', { name: 'acme' })
})
after(async () => {
  await running?.stop()
  await at?.close()
})

/** Something that is edited: where, how its form is opened, and a field of it. */
interface Form {
  readonly what: string
  readonly path: string
  /** What is pressed first. */
  readonly opener?: string
  readonly field: string
  /** What the three who type there write. */
  readonly texts: readonly [theirs: string, mine: string, later: string]
}

const method = '/services/edited/design?node=/pets&method=GET'
const texts = ['Theirs', 'Mine', 'Typed while nobody answered'] as const
const forms: readonly Form[] = [
  { what: 'a method', path: `${method}&part=about`, field: 'Name', texts },
  {
    what: 'a plugin',
    path: `${method}&part=plugins`,
    opener: 'rate-limit',
    field: 'Requests',
    texts: ['2101', '2202', '2303'],
  },
  { what: 'the settings of a stage', path: '/services/edited/stages/live/settings', field: 'Description', texts },
  {
    what: 'an alert rule',
    path: '/services/edited/stages/live/alerts',
    opener: 'Edit slow',
    field: 'Fires at (ms)',
    texts: ['3101', '3202', '3303'],
  },
  { what: 'a plan', path: '/plans/gold', opener: 'Edit plan', field: 'Description', texts },
  { what: 'a key', path: '/keys/acme', opener: 'Edit key', field: 'Description', texts },
]

/** A tab with an open form. */
interface Tab {
  readonly page: Page
  readonly field: Locator
  readonly saveButton: Locator
  save(): Promise<void>
  /** Saved, and so the form has nothing to be saved any more, or is closed. */
  isSaved(): Promise<void>
}

async function openForm(page: Page, { path, opener, field }: Form): Promise<Tab> {
  await page.goto(path)
  if (opener !== undefined) await page.getByRole('button', { name: opener, exact: true }).click()
  const form = opener === undefined ? page.getByRole('main') : page.getByRole('dialog')
  const saveButton = form.getByRole('button', { name: 'Save', exact: true })
  return {
    page,
    field: form.getByRole('textbox', { name: field, exact: true }),
    saveButton,
    save: () => saveButton.click(),
    isSaved: () =>
      page
        .getByRole('status')
        .getByText(/^(Saved|.* is saved|Rule saved\. .*)$/)
        .first()
        .waitFor(),
  }
}

/** Everything that is edited, as the API has it. */
async function stored(): Promise<string> {
  const stage = '/services/edited/stages/live'
  const paths = ['/services/edited/resources', stage, `${stage}/alerts/slow`, '/plans/gold', '/keys/acme']
  return JSON.stringify(await Promise.all(paths.map((path) => call(running, 'GET', path))))
}

for (const form of forms) {
  test(`two who change ${form.what} see both versions, and lose nothing`, { skip }, async () => {
    const [theirs, mine] = form.texts
    const first = await openForm(await at.open('about:blank'), form)
    const second = await openForm(await first.page.context().newPage(), form)
    await first.field.fill(theirs)
    await second.field.fill(mine)
    await first.save()
    await first.isSaved()
    await second.save()
    const conflict = second.page.getByRole('alert').filter({ hasText: 'Somebody else has changed this meanwhile' })
    await conflict.getByText(theirs).first().waitFor()
    await conflict.getByText(mine).first().waitFor()
    assert.equal(await second.field.inputValue(), mine)
    await conflict.getByRole('button', { name: 'Save mine over it' }).click()
    await second.isSaved()
    assert.ok((await stored()).includes(mine))
    await first.page.context().close()
  })
}

async function logInAgain(page: Page): Promise<void> {
  const login = page.getByRole('dialog', { name: 'Log in to Turnpike' })
  await hasFocus(page, login.getByRole('textbox', { name: 'Name' }))
  await login.getByRole('textbox', { name: 'Name' }).fill('admin')
  await login.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await login.getByRole('button', { name: 'Log in' }).click()
  await login.waitFor({ state: 'hidden' })
}

test('what is typed outlives the program and the session, and is saved when both are there again', {
  skip,
}, async () => {
  const context: BrowserContext = (await at.open('about:blank')).context()
  const tabs: { readonly tab: Tab; readonly text: string }[] = []
  for (const form of forms) {
    const tab = await openForm(await context.newPage(), form)
    const text = form.texts[2]
    await tab.field.fill(text)
    tabs.push({ tab, text })
  }

  await running.kill()
  for (const { tab, text } of tabs) {
    await tab.save()
    await tab.page
      .getByRole('alert')
      .getByText(/Turnpike does not answer/)
      .first()
      .waitFor()
    assert.equal(await tab.field.inputValue(), text)
  }

  running = await running.again()
  for (const { tab, text } of tabs) {
    await tab.page.bringToFront()
    await context.clearCookies()
    // The page may have asked for something by itself, and shows the login already.
    await tab.saveButton.dispatchEvent('click')
    await logInAgain(tab.page)
    assert.equal(await tab.field.inputValue(), text)
    await tab.save()
    await tab.isSaved()
  }
  const saved = await stored()
  assert.equal(saved.split('Typed while nobody answered').length - 1, 4)
  assert.match(saved, /"requests":2303/)
  await context.close()
})
