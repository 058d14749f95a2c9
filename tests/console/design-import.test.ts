import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'
import { arrive } from './settle.ts'

/** Documents in and out, the settings of a service, and a design as large as they come. */

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip === false) at = await startConsole()
})
after(() => at?.close())

/** A document of a few paths; `broken` has a mistake in its seventh line. */
const yaml = (summary: string, broken = false) => `openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    get:
      summary: ${summary}
      ${broken ? 'parameters: [{ in: query }]' : 'tags: [Pets]'}
  /pets/{petId}:
    get: { summary: Read a pet, callbacks: { done: { '{$request.body#/url}': { post: {} } } } }
`

test('a document becomes a service, is changed with its plan seen first, and comes out again', { skip }, async () => {
  const page = await at.open('/services')
  await page.getByRole('link', { name: 'Import OpenAPI' }).click()
  await page.getByRole('heading', { name: 'New service from a document' }).waitFor()
  const buffer = Buffer.from(yaml('List pets', true))
  const file = { name: 'Pets API.yaml', mimeType: 'application/yaml', buffer }
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a file' }).click()
  await (await chooser).setFiles(file)
  const name = page.getByRole('textbox', { name: 'Name of the service' })
  await name.and(page.locator('[value=pets-api]')).waitFor()
  const show = page.getByRole('button', { name: 'Show what it does' })
  await show.click()
  const problems = page.getByRole('alert').filter({ hasText: 'The document cannot be imported' })
  await problems.getByText(/^Line 7/).waitFor()
  await problems.getByText('parameters: [{ in: query }]').waitFor()
  assert.deepEqual(await violations(page), [])

  await page.getByText('Pasted text', { exact: true }).click()
  await page.getByRole('textbox', { name: 'The document' }).fill(yaml('List pets'))
  await show.click()
  const plan = page.getByRole('region', { name: 'What it does' })
  await plan.getByText(/\d+ made, 0 changed, 0 removed/).waitFor()
  await plan.getByText('GET /pets/{petId}').waitFor()
  await plan
    .getByText(/callback/i)
    .first()
    .waitFor()
  assert.deepEqual(await violations(page), [])
  await page.getByRole('button', { name: 'Make the service' }).click()
  await page
    .getByRole('tree')
    .getByRole('treeitem', { name: /List pets/ })
    .waitFor()

  await page.getByRole('link', { name: 'Import', exact: true }).click()
  await page.getByText('Pasted text', { exact: true }).click()
  const less = yaml('List all pets').split('\n').slice(0, 7).join('\n')
  await page.getByRole('textbox', { name: 'The document' }).fill(less)
  await page.getByRole('radio', { name: 'Remove it' }).check()
  await show.click()
  await plan.getByText(/0 made, 1 changed, 2 removed/).waitFor()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('treeitem', { name: /List all pets/ }).waitFor()

  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'OpenAPI 3.1, YAML' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'pets-api.openapi-3.1.yaml')
  await page.context().close()
})

test('an import does what its plan showed: where the service has changed since, the plan is shown anew first', {
  skip,
}, async () => {
  const document = (path: string) => yaml('List pets').replace('/pets:', `${path}:`)
  await call(at.turnpike, 'POST', '/imports', { service: 'planned', document: document('/cats') })
  const page = await at.open('/services/planned/import')
  await page.getByText('Pasted text', { exact: true }).click()
  await page.getByRole('textbox', { name: 'The document' }).fill(document('/cats'))
  await page.getByRole('radio', { name: 'Remove it' }).check()
  await page.getByRole('button', { name: 'Show what it does' }).click()
  const plan = page.getByRole('region', { name: 'What it does' })
  await plan.getByText('Nothing: the design is what the document says already.').waitFor()
  // Somebody else adds a path, which what was shown would not have removed.
  await call(at.turnpike, 'POST', '/services/planned/resources', { path: '/dogs' })
  const apply = page.getByRole('button', { name: 'Import', exact: true })
  await apply.click()
  await page.getByRole('alert').filter({ hasText: 'this is the plan for what it is now' }).waitFor()
  await plan.getByText(/0 made, 0 changed, 1 removed/).waitFor()
  const paths = async () => {
    const { items } = await call(at.turnpike, 'GET', '/services/planned/resources')
    return (items as unknown as { path: string }[]).map(({ path }) => path)
  }
  assert.ok((await paths()).includes('/dogs'))
  await apply.click()
  await page.getByRole('treeitem', { name: /^\/cats/ }).waitFor()
  assert.ok(!(await paths()).includes('/dogs'))
  await page.context().close()
})

test('a service is renamed, copied, and deleted by its name', { skip }, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'old-name' })
  await call(at.turnpike, 'POST', '/services/old-name/stages', { name: 'live' })
  const page = await at.open('/services/old-name/settings')
  const about = page.getByRole('region', { name: 'Name and description' })
  const name = about.getByRole('textbox', { name: 'Name' })
  await name.fill('Not A Name')
  await about.getByRole('button', { name: 'Save' }).click()
  await about.getByRole('alert').waitFor()
  await name.fill('new-name')
  await about.getByRole('button', { name: 'Save' }).click()
  await arrive(page, /new-name\/settings/)
  const copy = page.getByRole('region', { name: 'Copy the service' })
  await copy.getByRole('textbox', { name: 'Name of the copy' }).fill('its-copy')
  await copy.getByRole('checkbox', { name: /Its stages, too/ }).check()
  // The page that is gone to comes slowly: until it is there this one stays, and says so.
  let letCome = () => {}
  const mayCome = new Promise<void>((resolve) => {
    letCome = resolve
  })
  await page.route('**/assets/**', (route) => mayCome.then(() => route.continue()))
  await copy.getByRole('button', { name: 'Copy' }).click()
  await page.waitForURL(/its-copy\/design/)
  await page.getByRole('status', { name: 'Loading' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Settings' }).getAttribute('href'), '/services/new-name/settings')
  letCome()
  await arrive(page, /its-copy\/design/)
  assert.equal(await page.getByRole('link', { name: 'Settings' }).getAttribute('href'), '/services/its-copy/settings')
  assert.equal((await call(at.turnpike, 'GET', '/services/its-copy/stages/live')).name, 'live')

  const { id: planId } = await call(at.turnpike, 'POST', '/plans', { name: 'gold' })
  const connection = `/plans/${planId}/stages/its-copy/live`
  await call(at.turnpike, 'PUT', connection)
  await page.getByRole('link', { name: 'Settings' }).click()
  const end = page.getByRole('region', { name: 'Delete the service' })
  await end.getByText('Stages that go with it: live.').waitFor()
  const confirm = end.getByRole('button', { name: 'Delete the service' })
  assert.equal(await confirm.isDisabled(), true)
  await end.getByRole('textbox').fill('its-copy')
  await confirm.click()
  await end.getByRole('alert').getByText(/gold/).waitFor()
  assert.deepEqual(await violations(page), [])
  await call(at.turnpike, 'DELETE', connection)
  await confirm.click()
  await page.waitForURL(/\/services$/)
  await page.getByRole('link', { name: 'new-name' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'its-copy' }).count(), 0)
  await page.context().close()
})

test('of 10,000 methods only those that are seen are in the document; all can be found', { skip }, async () => {
  const paths = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, i) => [
      `/group${i % 50}/things${i}`,
      { get: { summary: `Read ${i}` }, put: { summary: `Write ${i}` } },
    ]),
  )
  const document = JSON.stringify({ openapi: '3.1.0', info: { title: 'Large', version: '1' }, paths })
  await call(at.turnpike, 'POST', '/imports', { service: 'large', document })
  const page = await at.open('/services/large/design?node=/group7/things4907&method=PUT')
  const rows = page.getByRole('treeitem')
  await page.getByRole('treeitem', { selected: true, name: /Write 4907/ }).waitFor()
  await page.getByText('5051 paths, 10000 methods').waitFor()
  await page.getByRole('button', { name: 'Open all' }).click()
  const tree = page.getByRole('tree')
  await tree.press('End')
  await page.getByRole('treeitem', { name: /Write 959/ }).waitFor()
  assert.ok((await rows.count()) < 100, `${await rows.count()} rows`)
  await page.getByRole('textbox', { name: 'Search paths and methods' }).fill('put things4321')
  await page.getByText('4 rows found').waitFor()
  await page.getByRole('treeitem', { name: /Write 4321/ }).click()
  await page.getByRole('heading', { level: 2, name: /PUT \/group21\/things4321/ }).waitFor()
  await page.context().close()
})
