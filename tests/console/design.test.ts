import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import type { Json } from '../support/turnpike.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'

/** The design of a service, as somebody makes and changes it. */

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip === false) at = await startConsole()
})
after(() => at?.close())

/** What the design page is made of, by role and name. */
function designOf(page: Page) {
  const tree = page.getByRole('tree', { name: 'Paths and methods' })
  return {
    tree,
    row: (name: string | RegExp) => tree.getByRole('treeitem', { name }),
    /** A row by where it is: names of methods may be there more than once. */
    rowAt: (position: number) => tree.getByRole('treeitem').nth(position),
    title: page.getByRole('heading', { level: 2 }),
    tab: (name: string | RegExp) => page.getByRole('tab', { name }),
    dialog: page.getByRole('dialog'),
    menu: (name: string) => page.getByRole('menuitem', { name }),
    save: page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: 'Save' }),
    told: (text: string | RegExp) => page.getByRole('status').getByText(text),
  }
}

interface Tree {
  readonly id: string
  readonly path: string
  readonly methods: readonly Json[]
}

/** The routes of a service, as the API has them. */
async function routesOf(service: string): Promise<string[]> {
  const { items } = await call(at.turnpike, 'GET', `/services/${service}/resources`)
  return (items as unknown as Tree[]).flatMap(({ path, methods }) => methods.map(({ verb }) => `${verb} ${path}`))
}

async function methodOf(service: string, verb: string, path: string): Promise<Json> {
  const { items } = await call(at.turnpike, 'GET', `/services/${service}/resources`)
  const found = (items as unknown as Tree[])
    .find((one) => String(one.path) === path)
    ?.methods.find((one) => String(one.verb) === verb)
  return found ?? assert.fail(`${verb} ${path} is not there`)
}

const pets = {
  '/owners': { methods: { GET: { name: 'List owners' } } },
  '/pets': { methods: { GET: { name: 'List pets' }, POST: { name: 'Add a pet' } } },
  '/pets/{petId}': { methods: { GET: { name: 'Read a pet' } } },
}
const backend = { backend: { targets: [{ url: 'http://127.0.0.1:9', weight: 1 }] } }

test('somebody makes a path, is told while typing what is wrong, and gives it a mock', { skip }, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'first' })
  const page = await at.open('/services/first')
  const { dialog, title, told, save, tab } = designOf(page)
  await page.waitForURL(/\/services\/first\/design/)
  await page.getByRole('button', { name: 'Add path' }).click()
  const path = dialog.getByRole('textbox', { name: 'Path' })
  await path.fill('/pets/{pet')
  await dialog.getByText(/is neither a literal nor a variable/).waitFor()
  assert.equal(await dialog.getByRole('button', { name: 'Add' }).isDisabled(), true)
  await path.fill('/pets/{petId}')
  await dialog.getByText('This path can be used.').waitFor()
  await dialog.getByText('GET', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Add' }).click()
  await title.filter({ hasText: 'GET /pets/{petId}' }).waitFor()
  assert.deepEqual(await routesOf('first'), ['GET /pets/{petId}'])

  await page
    .getByRole('group', { name: 'Who answers' })
    .or(page.getByRole('radiogroup', { name: 'Who answers' }))
    .getByText('A mock')
    .click()
  await page.getByRole('textbox', { name: 'Body' }).fill('{"id":"')
  await page.getByRole('button', { name: /Body: insert a variable|variable.*Body/i }).click()
  await page.getByRole('menuitem', { name: /request\.path\.petId/ }).click()
  await page.getByRole('button', { name: 'Add header' }).click()
  await page.getByRole('textbox', { name: 'Header name' }).fill('content-type')
  await page.getByRole('textbox', { name: 'Value of header content-type' }).fill('application/${nope}')
  await save.click()
  await page
    .getByText(/"\$\{nope\}" is not a context variable/)
    .first()
    .waitFor()
  await page.getByRole('textbox', { name: 'Value of header content-type' }).fill('application/json')
  await save.click()
  await told('Saved').waitFor()

  await tab('Parameters').click()
  await page.getByRole('button', { name: 'Add those of the path: petId' }).click()
  await tab('About').click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Read a pet')
  await save.click()
  await page.getByRole('region', { name: 'Unsaved changes' }).waitFor({ state: 'hidden' })
  const saved = await methodOf('first', 'GET', '/pets/{petId}')
  assert.deepEqual(saved.backend, {
    kind: 'mock',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"id":"${request.path.petId}',
  })
  assert.equal((saved.parameters as unknown as Json[])[0]?.name, 'petId')
  assert.equal(saved.name, 'Read a pet')
  await page.context().close()
})

test('all of it by keyboard: through the tree, its menu, a deletion and back', { skip }, async () => {
  await deployDesign(at.turnpike, 'keys', pets, backend)
  const page = await at.open('/services/keys/design')
  const { tree, title, menu, dialog } = designOf(page)
  await tree.focus()
  for (const key of ['p', 'ArrowRight', 'ArrowDown']) await tree.press(key)
  await tree.press('Enter')
  await title.filter({ hasText: 'POST /pets' }).waitFor()
  assert.match(page.url(), /node=%2Fpets&method=POST|node=\/pets&method=POST/)

  await tree.press('ArrowLeft')
  await tree.press('F2')
  await menu('Add method').press('Enter')
  await dialog.getByRole('radio', { name: 'PUT' }).waitFor()
  await dialog.getByRole('radio', { name: 'PUT' }).press('Space')
  await dialog.getByRole('textbox', { name: 'Name' }).press('Enter')
  await title.filter({ hasText: 'PUT /pets' }).waitFor()
  assert.ok((await routesOf('keys')).includes('PUT /pets'))

  await tree.focus()
  await tree.press('p')
  await tree.press('ArrowLeft')
  await tree.press('ArrowRight')
  await tree.press('End')
  await tree.press('Delete')
  await dialog.getByText(/GET \/pets\/\{petId\} is deleted/).waitFor()
  assert.deepEqual(await violations(page), [])
  await dialog.getByRole('button', { name: 'Delete' }).press('Enter')
  const undo = page.getByRole('button', { name: 'Undo' })
  await undo.waitFor()
  assert.ok(!(await routesOf('keys')).includes('GET /pets/{petId}'))
  await undo.press('Enter')
  await title.filter({ hasText: 'GET /pets/{petId}' }).waitFor()
  assert.equal((await methodOf('keys', 'GET', '/pets/{petId}')).name, 'Read a pet')

  await tree.focus()
  await tree.press('Home')
  await tree.press('ArrowDown')
  await tree.press('Delete')
  await dialog.getByText('/owners is deleted, with 0 paths below it and 1 method in all.', { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  assert.ok((await routesOf('keys')).includes('GET /owners'))
  await page.context().close()
})

test('a method is dragged to another path, and back by a click; many are moved by a dialog', { skip }, async () => {
  await deployDesign(at.turnpike, 'moves', pets, backend)
  const page = await at.open('/services/moves/design')
  const { row, title, dialog, menu } = designOf(page)
  await row(/Add a pet/).dragTo(row(/^\/owners/))
  await title.filter({ hasText: 'POST /owners' }).waitFor()
  assert.ok((await routesOf('moves')).includes('POST /owners'))
  await page.getByRole('button', { name: 'Undo' }).click()
  await row(/Add a pet/).waitFor()
  await title.filter({ hasText: 'POST /pets' }).waitFor()
  await row(/^\/pets /)
    .first()
    .click({ button: 'right' })
  await menu('Move methods').click()
  const to = dialog.getByRole('combobox', { name: 'To path' })
  await to.fill('/owners')
  await dialog.getByText(/would have the method GET twice/).waitFor()
  await to.fill('/animals')
  await dialog.getByText('This path can be used.').waitFor()
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await title.filter({ hasText: 'GET /animals' }).waitFor()
  assert.deepEqual(await routesOf('moves'), ['GET /animals', 'POST /animals', 'GET /owners', 'GET /pets/{petId}'])
  await page.context().close()
})

test('two who change the same see both versions; what others change elsewhere is in nobody’s way', {
  skip,
}, async () => {
  await deployDesign(at.turnpike, 'two', pets, backend)
  const { id } = await methodOf('two', 'GET', '/pets')
  const page = await at.open('/services/two/design?node=/pets&method=GET&part=about')
  const { save, told, row } = designOf(page)
  const name = page.getByRole('textbox', { name: 'Name' })
  await name.fill('Mine')
  await call(at.turnpike, 'PATCH', `/services/two/methods/${id}`, { description: 'Theirs' })
  await save.click()
  await told('Saved').waitFor()

  await name.fill('Mine again')
  await call(at.turnpike, 'PATCH', `/services/two/methods/${id}`, { name: 'Theirs' })
  await save.click()
  const conflict = page.getByRole('alert').filter({ hasText: 'Somebody else has changed this' })
  await conflict.waitFor()
  assert.equal(await name.inputValue(), 'Mine again')
  assert.deepEqual(await violations(page), [])
  await conflict.getByRole('button', { name: 'Save mine over it' }).click()
  await conflict.waitFor({ state: 'hidden' })
  await page.getByRole('region', { name: 'Unsaved changes' }).waitFor({ state: 'hidden' })
  const saved = await methodOf('two', 'GET', '/pets')
  assert.deepEqual([saved.name, saved.description], ['Mine again', 'Theirs'])

  // What is typed stays with its node, whatever else is looked at, and while nobody answers.
  await name.fill('Not saved')
  await row(/List owners/).click()
  await page.getByRole('heading', { level: 2, name: /GET \/owners/ }).waitFor()
  await row(/not saved/).click()
  assert.equal(await name.inputValue(), 'Not saved')
  await page.route('**/api/**', (route) => route.abort())
  await save.click()
  await page
    .getByRole('alert')
    .getByText(/Turnpike does not answer/)
    .waitFor()
  assert.equal(await name.inputValue(), 'Not saved')
  await page.unroute('**/api/**')
  page.once('dialog', (asked) => void asked.dismiss())
  await page.getByRole('link', { name: 'Services' }).first().click()
  assert.equal(await name.inputValue(), 'Not saved')
  await page.context().close()
})

test('a stage is shown on the same tree: what it says is marked, and cleared below a path', { skip }, async () => {
  const keyAuth = [{ plugin: 'key-auth', config: {} }]
  const overlay = [
    { path: '/pets', verb: null, plugins: [{ plugin: 'request-id', config: {} }], backend: null },
    { path: '/pets', verb: 'GET', plugins: keyAuth, backend: null },
  ]
  await deployDesign(at.turnpike, 'staged', pets, backend)
  await call(at.turnpike, 'PATCH', '/services/staged/stages/live', { overlay })
  const page = await at.open('/services/staged/design')
  const { row, title, menu, dialog } = designOf(page)
  await row(/List pets/).waitFor()
  assert.equal(await row(/has settings of the stage/).count(), 0)
  await page
    .getByRole('textbox', { name: 'Draft or stage' })
    .or(page.getByRole('combobox', { name: 'Draft or stage' }))
    .click()
  await page.getByRole('option', { name: 'On live' }).click()
  await row(/\/pets.*has settings of the stage/).waitFor()
  await row(/List pets.*has settings of the stage/).click()
  await title.filter({ hasText: 'GET /pets' }).waitFor()
  const picture = page.getByRole('figure', { name: 'The way of a request' })
  await picture.getByRole('button', { name: /Request plugins.*request-id, key-auth/ }).waitFor()
  await picture.getByRole('button', { name: /Response plugins.*key-auth, request-id/ }).waitFor()
  await picture.getByRole('button', { name: /Backend.*127\.0\.0\.1:9/ }).waitFor()
  await picture.getByRole('button', { name: /Request plugins/ }).click()
  await page.getByRole('region', { name: 'Plugins' }).getByText('key-auth').first().waitFor()

  await row(/^\/pets /).click({ button: 'right' })
  await menu('Clear overrides below').click()
  await dialog.getByText('key-auth').waitFor()
  await dialog.getByRole('button', { name: 'Clear 1' }).click()
  await row(/List pets.*has settings/).waitFor({ state: 'hidden' })
  const { overlay: left } = await call(at.turnpike, 'GET', '/services/staged/stages/live')
  assert.deepEqual(
    (left as unknown as Json[]).map(({ path, verb }) => [path, verb]),
    [['/pets', null]],
  )
  await page.context().close()
})

test('findings lead to their nodes, and are marked there', { skip }, async () => {
  await deployDesign(at.turnpike, 'linted', { '/a/{id}': {}, '/a/b': {}, '/files/{rest+}': {} }, backend)
  const path = '/services/linted/methods'
  const { id } = await methodOf('linted', 'GET', '/a/{id}')
  await call(at.turnpike, 'PATCH', `${path}/${id}`, { backend: { kind: 'http', path: '/elsewhere' } })
  const page = await at.open('/services/linted/design')
  await page.getByRole('link', { name: 'GET /a/{id}' }).first().click()
  const { title, row } = designOf(page)
  await title.filter({ hasText: 'GET /a/{id}' }).waitFor()
  await page.getByText(/The backend path does not use \{id\}/).waitFor()
  await row(/has warnings/)
    .first()
    .waitFor()
  await page.context().close()
})

test('who may only look is offered nothing that fails', { skip }, async () => {
  await deployDesign(at.turnpike, 'looked', pets, backend)
  const page = await at.open('/services/looked/design?node=/pets&method=GET', { role: 'viewer' })
  const { row, tree } = designOf(page)
  await row(/List pets/).waitFor()
  await page.getByRole('textbox', { name: 'Backend path' }).waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'Backend path' }).getAttribute('readonly'), '')
  for (const name of [/^Actions for/, 'Import', 'Add path', /insert/i, 'Save'])
    assert.equal(await page.getByRole('button', { name }).count(), 0, String(name))
  await tree.focus()
  await tree.press('Delete')
  await tree.press('F2')
  assert.equal(await page.getByRole('dialog').or(page.getByRole('menu')).count(), 0)
  await page.context().close()
})
