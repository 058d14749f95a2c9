import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page, Route } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import type { Json } from '../support/turnpike.ts'
import { type Console, startConsole } from './console.ts'

/** Stages as people work with them: made, changed, deployed, gone back, tried with a share of the callers. */

const skip = requireCommands(['chromium'])
let at: Console
let demo: Json
before(async () => {
  if (skip !== false) return
  at = await startConsole(['--workers', '1'])
  demo = await call(at.turnpike, 'POST', '/demo')
})
after(() => at?.close())

/** The demo's API as a service; with a stage that is live, if it is named. */
async function petStore(service: string, stage?: string): Promise<void> {
  const own = stage === undefined ? {} : { stage, deploy: true, backendUrl: demo.url }
  await call(at.turnpike, 'POST', '/imports', { service, document: demo.document, ...own })
}

/** Changes a method of the draft. */
async function changeMethod(service: string, path: string, change: object): Promise<void> {
  const tree = (await call(at.turnpike, 'GET', `/services/${service}/resources?limit=1000`)).items as unknown as Json[]
  const method = tree.find((resource) => String(resource.path) === path)?.methods?.[0]
  await call(at.turnpike, 'PATCH', `/services/${service}/methods/${method?.id}`, change)
}

const stageOf = (service: string, stage: string) => call(at.turnpike, 'GET', `/services/${service}/stages/${stage}`)
/** What a client gets. */
const get = async (service: string, stage: string, target: string) =>
  (await call(at.turnpike, 'POST', `/services/${service}/stages/${stage}/send`, { method: 'GET', target })).status
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

test('a stage is made and deployed, by keyboard alone', { skip }, async () => {
  await petStore('made')
  const page = await at.open('/services/made/stages')
  await button(page, 'New stage').focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New stage' })
  // A dialog begins in its first field.
  await dialog.getByRole('textbox', { name: 'Name' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.type('live')
  await dialog.getByText(`http://made.localhost:${at.turnpike.gatewayPort}/`).waitFor()
  await dialog.getByRole('textbox', { name: 'Backend URL' }).focus()
  await page.keyboard.type(String(demo.url))
  await page.keyboard.press('Enter')
  await page.waitForURL('**/services/made/stages/live/changes')
  await page.getByRole('link', { name: /to apply/ }).waitFor()
  await button(page, 'Deploy…').focus()
  await page.keyboard.press('Enter')
  const deploy = page.getByRole('dialog', { name: 'Deploy made/live' })
  await deploy.getByText('All of it: nothing is live yet.').waitFor()
  await deploy.getByRole('textbox', { name: 'Note' }).focus()
  await page.keyboard.type('The first')
  await button(page, 'Apply and deploy').focus()
  await page.keyboard.press('Enter')
  await deploy.getByText('Deployment 1 is live.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'up to date' }).waitFor()
  assert.equal(await get('made', 'live', '/pets'), 200)
})

test('the first stage is the default one, though the list comes after the dialog', { skip }, async () => {
  await petStore('late')
  const page = await at.open('about:blank')
  const held: Route[] = []
  await page.route('**/api/v1/services/late/stages?*', (route) => void held.push(route))
  await page.route('**/api/v1/services/late/stages', (route) => void held.push(route))
  await page.goto('/services/late/stages')
  await button(page, 'New stage').click()
  const isDefault = page.getByRole('dialog', { name: 'New stage' }).getByRole('switch')
  await isDefault.waitFor({ state: 'attached' })
  assert.equal(await isDefault.isChecked(), false)
  assert.ok(held.length > 0)
  for (const route of held) await route.continue()
  await page.locator('[role=switch]:checked').waitFor({ state: 'attached' })
  await page.context().close()
})

test('what differs shows by itself; it is applied, deployed and gone back from', { skip }, async () => {
  await petStore('moved', 'live')
  const overlay = [{ path: '/slow', verb: null, plugins: [{ plugin: 'request-id', config: {} }], backend: null }]
  await call(at.turnpike, 'PATCH', '/services/moved/stages/live', { overlay })
  const page = await at.open('/services/moved/stages/live/changes')
  await page.getByRole('link', { name: '1 to deploy' }).waitFor()
  await changeMethod('moved', '/echo', { deprecated: true })
  const tree = (await call(at.turnpike, 'GET', '/services/moved/resources')).items as unknown as Json[]
  const slow = tree.find((resource) => String(resource.path) === '/slow')
  await call(at.turnpike, 'DELETE', `/services/moved/resources/${slow?.id}`)
  await page.getByText('deprecated is different').waitFor()
  await button(page, 'Apply the draft').click()
  await page.getByRole('status').filter({ hasText: 'they were dropped' }).getByText('/slow').waitFor()
  await button(page, 'Deploy…').click()
  await page.getByRole('dialog').getByText('GET /slow').waitFor()
  await button(page, /^Deploy$/).click()
  await page.getByText('Deployment 2 is live.').waitFor()
  await button(page, 'Done').click()
  assert.equal(await get('moved', 'live', '/slow?ms=1'), 404)

  await page.getByRole('link', { name: 'History', exact: true }).click()
  const first = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Deployment 1' }) })
  await page.getByText('GET /echo: deprecated is true instead of false').waitFor()
  await button(page, 'Roll back to it…').click()
  const rollBack = page.getByRole('dialog', { name: 'Roll back to deployment 1' })
  await rollBack.getByText('deprecated is different').waitFor()
  await rollBack.getByRole('button', { name: 'Make deployment 1 live' }).click()
  await first.getByText('live', { exact: true }).waitFor()
  assert.equal(await get('moved', 'live', '/slow?ms=1'), 200)

  await page.getByRole('link', { name: 'Side by side' }).click()
  await page.waitForURL(({ search }) => decodeURIComponent(search) === '?from=1&to=2')
  await button(page, 'Swap').click()
  await page.waitForURL(({ search }) => decodeURIComponent(search) === '?from=2&to=1')
  await page.getByText('deprecated is different').waitFor()
})

test('what is wrong stops a deployment, and is said before', { skip }, async () => {
  await petStore('broken')
  await call(at.turnpike, 'POST', '/services/broken/stages', { name: 'live' })
  const page = await at.open('/services/broken/stages/live/changes')
  await button(page, 'Deploy…').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('This cannot be deployed').waitFor()
  await button(page, 'Apply and deploy').click()
  await dialog.getByRole('alert').filter({ hasText: 'Not deployed' }).waitFor()
  assert.equal(JSON.parse(JSON.stringify(await stageOf('broken', 'live'))).deploymentId, null)
})

test('a backend: one URL, or all of it; somebody else being faster loses nothing', { skip }, async () => {
  await petStore('served', 'live')
  const page = await at.open('/services/served/stages/live/backends')
  const url = page.getByRole('textbox', { name: 'Backend URL' })
  await url.fill('no url')
  await button(page, 'Save').click()
  await page.getByRole('alert').filter({ hasText: 'Not saved' }).waitFor()
  await call(at.turnpike, 'PATCH', '/services/served/stages/live', { description: 'theirs' })
  await url.fill('http://127.0.0.1:9')
  await button(page, 'Save').click()
  await page.getByRole('alert').filter({ hasText: 'Somebody else has changed this' }).waitFor()
  assert.equal(await url.inputValue(), 'http://127.0.0.1:9')
  await button(page, 'Save mine over it').click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const { backend, description } = await stageOf('served', 'live')
  assert.deepEqual([backend?.targets?.[0]?.url, description], ['http://127.0.0.1:9', 'theirs'])

  await page.getByRole('switch', { name: /Several targets/ }).click()
  await page.getByRole('group', { name: 'Targets' }).getByRole('button', { name: /Add/ }).click()
  await page.getByRole('textbox', { name: 'URL' }).nth(1).fill(String(demo.url))
  await button(page, 'Save').click()
  await page
    .getByRole('link', { name: '1 to deploy' })
    .or(page.getByRole('link', { name: /to deploy/ }))
    .waitFor()
  await page.getByRole('cell', { name: String(demo.url) }).waitFor()
})

test('settings are saved, a name that is taken is refused at its field, and a stage with a plan is not deleted', {
  skip,
}, async () => {
  await petStore('kept', 'live')
  await petStore('other', 'live')
  await call(at.turnpike, 'PATCH', '/services/other/stages/live', { domains: ['taken.example.com'] })
  const plan = await call(at.turnpike, 'POST', '/plans', { name: 'gold' })
  await call(at.turnpike, 'PUT', `/plans/${plan.id}/stages/kept/live`)
  const page = await at.open('/services/kept/stages/live/settings')
  await page.getByRole('textbox', { name: 'Description' }).fill('For everybody')
  await button(page, 'Add a variable').click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('color')
  await page.getByRole('textbox', { name: 'Value of color' }).fill('blue')
  const domain = page.getByRole('textbox', { name: 'A name of your own' })
  await domain.fill('taken.example.com')
  await domain.press('Enter')
  await button(page, 'Save').click()
  await page.getByRole('alert').filter({ hasText: 'taken.example.com' }).waitFor()
  await button(page, 'Remove taken.example.com').click()
  await button(page, 'Save').click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const saved = await stageOf('kept', 'live')
  assert.deepEqual([saved.description, saved.variables, saved.domains], ['For everybody', { color: 'blue' }, []])
  await button(page, 'Delete the stage').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alert').filter({ hasText: 'gold' }).waitFor()
})

test('a canary begins with a share, is given more, and is promoted', { skip }, async () => {
  await petStore('canary', 'live')
  await changeMethod('canary', '/echo', { deprecated: true })
  const page = await at.open('/services/canary/stages/live/changes')
  await button(page, 'Deploy…').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { name: /canary/ }).check()
  await dialog.getByRole('textbox', { name: 'Share' }).fill('10')
  await button(page, 'Start the canary').click()
  await dialog.getByText('Deployment 2 runs as a canary.').waitFor()
  await button(page, 'Done').click()
  await page.getByText('It serves 10 % of the callers').waitFor()
  assert.equal(await button(page, 'Deploy…').count(), 0)
  await page.getByRole('textbox', { name: 'Share' }).fill('100')
  await button(page, 'Set the share').click()
  await page.getByText('It serves 100 % of the callers').waitFor()
  assert.equal(await get('canary', 'live', '/echo'), 200)
  const side = page.getByRole('row').filter({ hasText: 'Canary, deployment 2' })
  await side.getByRole('cell', { name: '1', exact: true }).waitFor()
  await button(page, 'Promote').click()
  await page.getByText('Canary: deployment 2').waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'Deployment 2' }).first().waitFor()
})

test('who may only look is offered nothing that would fail', { skip }, async () => {
  await petStore('looked', 'live')
  const page = await at.open('/services/looked/stages', { role: 'viewer' })
  await page.getByRole('link', { name: 'live', exact: true }).click()
  await page.getByRole('heading', { name: 'Changes' }).waitFor()
  await page.getByRole('cell', { name: 'live' }).waitFor()
  assert.equal(await button(page, /Deploy|Apply/).count(), 0)
  for (const part of ['Backends', 'Settings', 'History', 'Try and explain', 'API document']) {
    await page.getByRole('link', { name: part }).last().click()
    await page.getByRole('heading', { name: part, level: 1 }).waitFor()
    assert.equal(await button(page, /^(?:Save|Send|Explain|Delete the stage|Roll back)/).count(), 0, part)
  }
})
