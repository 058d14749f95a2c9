import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import type { Json } from '../support/turnpike.ts'
import { violations } from './axe.ts'
import { hasFocus } from './by-keyboard.ts'
import { type Console, startConsole } from './console.ts'

/** The plugins of a node: attaching, editing, inheriting, and that nothing changes by looking at it. */

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip === false) at = await startConsole(['--workers', '1'])
})
after(() => at?.close())

/** A service with the path `/pets/{id}`, which has these plugins, below a root that has those. */
async function newService(name: string, own: readonly unknown[] = [], inherited: readonly unknown[] = []) {
  await call(at.turnpike, 'POST', '/services', { name })
  await call(at.turnpike, 'POST', `/services/${name}/policies`, { name: 'tenants', key: { in: 'header', name: 'x-a' } })
  const [root] = (await call(at.turnpike, 'GET', `/services/${name}/resources`)).items as unknown as { id: string }[]
  await call(at.turnpike, 'PATCH', `/services/${name}/resources/${root?.id}`, { plugins: inherited })
  const path = { path: '/pets/{id}', plugins: own }
  const { id } = await call(at.turnpike, 'POST', `/services/${name}/resources`, path)
  const resource = `/services/${name}/resources/${id}`
  return {
    page: `/services/${name}/plugins/${id}`,
    resource,
    plugins: async () => (await call(at.turnpike, 'GET', resource)).plugins as unknown as Json[],
  }
}

const row = (page: Page, plugin: string) => page.getByRole('button', { name: plugin, exact: true })

async function save(page: Page, plugin: string): Promise<void> {
  await page.getByRole('dialog', { name: plugin }).getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog', { name: plugin }).waitFor({ state: 'hidden' })
}

test('opening and saving any plugin changes nothing, its secrets included', { skip }, async () => {
  const { items } = await call(at.turnpike, 'GET', '/plugins')
  const attached = (items as unknown as { name: string; example: object }[]).map(({ name, example }) => ({
    plugin: name,
    config: example,
    when: 'request.method == "GET"',
  }))
  const { page: path, plugins } = await newService('unchanged', attached)
  const given = await plugins()
  assert.equal(given.length, attached.length)
  const page = await at.open(path)
  const sent: unknown[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') sent.push(request.postDataJSON())
  })
  for (const { plugin } of attached) {
    await row(page, plugin).click()
    await save(page, plugin)
  }
  assert.equal(sent.length, attached.length)
  for (const body of sent) assert.deepEqual(body, { plugins: given })
  assert.deepEqual(await plugins(), given)
  await page.context().close()
})

test('a plugin is added by keyboard, is told what is wrong where it is wrong, and runs', { skip }, async () => {
  const { page: path, plugins } = await newService('keyboard')
  const page = await at.open(path)
  await page.getByRole('button', { name: 'Add a plugin' }).focus()
  await page.keyboard.press('Enter')
  await hasFocus(page, page.getByRole('textbox', { name: 'Search plugins' }))
  await page.keyboard.type('rate-lim')
  await page.getByRole('button', { name: /^rate-limit/ }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'rate-limit' })
  const requests = dialog.getByRole('textbox', { name: 'Requests' })
  await requests.focus()
  await page.keyboard.type('0')
  await dialog.getByText('At least 1.').waitFor()
  await page.keyboard.press('Backspace')
  await page.keyboard.type('25')
  await dialog.getByText('At least 1.').waitFor({ state: 'hidden' })
  // What only the server knows.
  await dialog.getByRole('combobox', { name: 'By', exact: true }).selectOption('header')
  await page.keyboard.press('Enter')
  await requests.press('Enter')
  await dialog.getByRole('alert').getByText('Name the header.').waitFor()
  const name = dialog.getByRole('textbox', { name: 'Name', exact: true })
  assert.equal(await name.getAttribute('aria-invalid'), 'true')
  await name.fill('x-tenant')
  await name.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await row(page, 'rate-limit').waitFor()
  const [{ plugin, config } = {} as Json] = await plugins()
  assert.equal(plugin, 'rate-limit')
  assert.partialDeepStrictEqual(config, { requests: 25, by: 'header', name: 'x-tenant' })
  await page.context().close()
})

test('what is inherited is overridden here, taken off again, switched off and on', { skip }, async () => {
  const { page: path, plugins } = await newService('inherits', [], [{ plugin: 'rate-limit', config: { requests: 5 } }])
  const page = await at.open(path)
  await page.getByText('From /', { exact: true }).waitFor()
  await row(page, 'rate-limit').click()
  const dialog = page.getByRole('dialog', { name: 'rate-limit' })
  assert.equal(await dialog.getByRole('textbox', { name: 'Requests' }).isDisabled(), true)
  await dialog.getByRole('button', { name: 'Override here' }).click()
  await dialog.getByRole('textbox', { name: 'Requests' }).fill('7')
  await save(page, 'rate-limit')
  await page.getByText('Here', { exact: true }).waitFor()
  assert.partialDeepStrictEqual((await plugins())[0], { plugin: 'rate-limit', config: { requests: 7 } })
  const act = async (action: string) => {
    await page.getByRole('button', { name: 'What to do with rate-limit' }).click()
    await page.getByRole('menuitem', { name: action }).click()
  }
  await act('Take off')
  await page.getByText('From /', { exact: true }).waitFor()
  await act('Switch off here')
  await page.getByRole('button', { name: 'Switch on again: rate-limit' }).waitFor()
  assert.deepEqual(await plugins(), [{ plugin: 'rate-limit', off: true }])
  await page.getByRole('button', { name: 'Switch on again: rate-limit' }).click()
  await page.getByText('From /', { exact: true }).waitFor()
  assert.deepEqual(await plugins(), [])
  await page.context().close()
})

test('two people: other settings do not meet, the same ones are compared; a secret stays what it was', {
  skip,
}, async () => {
  const users = [{ name: 'ada', password: 'correct horse' }]
  const own = [
    { plugin: 'basic-auth', config: { users } },
    { plugin: 'timeout', config: { total: 10 } },
  ]
  const { page: path, resource, plugins } = await newService('two', own)
  const page = await at.open(path)
  await row(page, 'basic-auth').click()
  const dialog = page.getByRole('dialog', { name: 'basic-auth' })
  await dialog.getByRole('textbox', { name: 'Realm' }).fill('mine')
  const [auth, timeout] = await plugins()
  await call(at.turnpike, 'PATCH', resource, { plugins: [auth, { ...timeout, config: { total: 20 } }] })
  await save(page, 'basic-auth')
  const [mine, theirs] = await plugins()
  assert.partialDeepStrictEqual(theirs, { config: { total: 20 } })
  assert.deepEqual(mine, { ...auth, config: { ...(auth?.config as unknown as object), realm: 'mine' } })

  await row(page, 'basic-auth').click()
  await dialog.getByRole('textbox', { name: 'Realm' }).fill('mine again')
  const changed = { ...mine, config: { ...(mine?.config as unknown as object), realm: 'theirs' } }
  await call(at.turnpike, 'PATCH', resource, { plugins: [changed, theirs] })
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await dialog.getByText('Somebody else has changed this meanwhile').waitFor()
  assert.equal(await dialog.getByRole('textbox', { name: 'Realm' }).inputValue(), 'mine again')
  await dialog.getByRole('button', { name: 'Save mine over it' }).click()
  await dialog.waitFor({ state: 'hidden' })
  assert.partialDeepStrictEqual((await plugins())[0], { config: { realm: 'mine again' } })
  await page.context().close()
})

test('the same settings as JSON; what cannot be read cannot be saved, and closing asks', { skip }, async () => {
  const { page: path, plugins } = await newService('json', [{ plugin: 'timeout', config: { total: 10 } }])
  const page = await at.open(path)
  await row(page, 'timeout').click()
  const dialog = page.getByRole('dialog', { name: 'timeout' })
  await dialog.getByText('As JSON').click()
  const editor = dialog.getByRole('textbox', { name: 'Settings as JSON' })
  await editor.fill('{ "config": { "total": 30 ')
  await dialog.getByText('Something cannot be saved yet').waitFor()
  assert.equal(await dialog.getByRole('button', { name: 'Save' }).isDisabled(), true)
  await editor.fill('{ "config": { "total": 30 } }')
  // Escape gives Tab back to the page.
  await editor.press('Escape')
  await page.keyboard.press('Tab')
  await dialog.locator('.cm-focused').waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('dialog', { name: 'Close without saving?' }).getByRole('button', { name: 'Cancel' }).click()
  await dialog.getByText('As form').click()
  assert.equal(await dialog.getByRole('textbox', { name: 'Total' }).inputValue(), '30')
  await save(page, 'timeout')
  assert.partialDeepStrictEqual((await plugins())[0], { config: { total: 30 } })
  await page.context().close()
})

test('a viewer sees settings, and nothing that would be refused', { skip }, async () => {
  const { page: path } = await newService('viewed', [{ plugin: 'timeout', config: { total: 10 } }])
  const page = await at.open(path, { role: 'viewer' })
  await row(page, 'timeout').click()
  const dialog = page.getByRole('dialog', { name: 'timeout' })
  assert.equal(await dialog.getByRole('textbox', { name: 'Total' }).inputValue(), '10')
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
  assert.equal(await page.getByRole('button', { name: 'Add a plugin', includeHidden: true }).count(), 0)
  await page.context().close()
})

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 360],
] as const) {
  test(`panel, picker, form and documentation, ${colorScheme} at ${width} px, break no rule of axe`, {
    skip,
  }, async () => {
    const own = [
      {
        plugin: 'access-log',
        config: { sinks: [{ file: { name: 'a' } }], extra: [{ name: 'x', value: '${request.id}' }] },
      },
      { plugin: 'key-auth', off: true },
    ]
    const { page: path } = await newService(`axe-${colorScheme}`, own, [{ plugin: 'cors', config: { origins: ['*'] } }])
    const page = await at.open(path, { colorScheme, viewport: { width, height: 900 } })
    const check = async (what: string) => {
      assert.deepEqual(await violations(page), [], what)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.ok(overflow <= 0, `${what} is ${overflow} px too wide`)
    }
    await row(page, 'access-log').waitFor()
    await check('panel')
    await page.getByRole('button', { name: 'Add a plugin' }).click()
    await page.getByRole('textbox', { name: 'Search plugins' }).waitFor()
    await check('picker')
    await page.keyboard.press('Escape')
    await row(page, 'access-log').click()
    const dialog = page.getByRole('dialog', { name: 'access-log' })
    await dialog.getByRole('button', { name: 'Save' }).waitFor()
    await check('form')
    await dialog.getByText('As JSON').click()
    await dialog.getByRole('textbox', { name: 'Settings as JSON' }).waitFor()
    await check('JSON')
    await dialog.getByRole('tab', { name: 'About' }).click()
    await dialog.getByText('No line shows a credential.').waitFor()
    await check('documentation')
    await page.context().close()
  })
}
