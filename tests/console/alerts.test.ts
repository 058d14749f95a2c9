import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'
import { settle } from './settle.ts'
import { ask, deployShop, startBackend } from './traffic.ts'

const skip = requireCommands(['chromium'])
let at: Console
let backend: Awaited<ReturnType<typeof startBackend>>
before(async () => {
  if (skip !== false) return
  backend = await startBackend()
  at = await startConsole(['--workers', '1'])
})
after(async () => {
  await at?.close()
  backend?.close()
})

const rulesOf = (service: string) => `/services/${service}/stages/live/alerts`
const FIRES_AT_ONCE = { kind: 'server-errors', threshold: 1, forMinutes: 0, minCalls: 1 }

test('by keyboard: a rule is made, changed and deleted', { skip }, async () => {
  await deployShop(at.turnpike, 'made', backend.url)
  const page = await at.open(rulesOf('made'))
  await page.getByRole('button', { name: 'New rule' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New rule' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('slow')
  await dialog.getByLabel('What is watched').selectOption({ label: 'Response time (p99)' })
  await dialog.getByText('p99 of 1000 ms or more, in 5 min, for 2 min').waitFor()
  await dialog.getByRole('textbox', { name: 'Window (minutes)' }).fill('61')
  await dialog.getByRole('textbox', { name: 'Webhook URL' }).fill('http://169.254.169.254/')
  await page.keyboard.press('Enter')
  // Nothing that was typed is gone.
  await dialog.getByRole('alert').waitFor()
  await dialog.getByRole('textbox', { name: 'Window (minutes)', disabled: false }).fill('10')
  await page.keyboard.press('Enter')
  await dialog.getByText('169.254.169.254 is a link-local or metadata address.').first().waitFor()
  await dialog.getByRole('textbox', { name: 'Webhook URL' }).fill('https://hooks.example.com/turnpike')
  await dialog.getByRole('textbox', { name: 'Secret' }).fill('twelve-letters')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('row', { name: /Well slow p99 of 1000 ms or more, in 10 min/ }).waitFor()

  await page.getByRole('button', { name: 'Edit slow' }).press('Enter')
  const edit = page.getByRole('dialog', { name: 'Edit rule' })
  await edit.getByRole('textbox', { name: 'Fires at (ms)' }).fill('250')
  await page.keyboard.press('Enter')
  await edit.waitFor({ state: 'hidden' })
  await page.getByRole('row', { name: /p99 of 250 ms/ }).waitFor()
  const kept = await call(at.turnpike, 'GET', '/services/made/stages/live/alerts/slow')
  assert.deepEqual(
    [kept.threshold, kept.windowMinutes, kept.hasSecret, kept.webhook],
    [250, 10, true, 'https://hooks.example.com/turnpike'],
  )

  await page.getByRole('button', { name: 'Delete slow' }).press('Enter')
  await page.getByRole('dialog', { name: 'Delete slow?' }).getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByRole('heading', { name: 'No rule yet' }).waitFor()
})

test('what fires is seen where all alerts are, and leads to its stage', { skip }, async () => {
  await deployShop(at.turnpike, 'fires', backend.url)
  await call(at.turnpike, 'PUT', `${rulesOf('fires')}/errors`, FIRES_AT_ONCE)
  await call(at.turnpike, 'PUT', `${rulesOf('fires')}/well`, { ...FIRES_AT_ONCE, kind: 'latency', threshold: 60_000 })
  const page = await at.open('/alerts')
  for (let i = 0; i < 3; i++) await ask(at.turnpike, 'fires', '/fails')
  await page.getByRole('row', { name: /Firing errors fires\/live 5xx for 1 %/ }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'well' }).count(), 0)
  await page.getByText('All rules').click()
  await page.getByRole('link', { name: 'well' }).waitFor()
  assert.match(page.url(), /show=all/)
  await page.getByRole('link', { name: 'fires/live' }).first().click()
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
})

test('a viewer sees the rules, and is offered nothing that fails', { skip }, async () => {
  await deployShop(at.turnpike, 'viewed', backend.url)
  await call(at.turnpike, 'PUT', `${rulesOf('viewed')}/errors`, FIRES_AT_ONCE)
  const page = await at.open(`${rulesOf('viewed')}?add=1`, { role: 'viewer' })
  await page.getByRole('row', { name: /errors/ }).waitFor()
  assert.equal(await page.getByRole('dialog').count(), 0)
  assert.equal(await page.getByRole('button', { name: /rule|Edit|Delete/ }).count(), 0)
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`the form of a rule, ${colorScheme}, breaks no rule of axe, and fits a phone`, { skip }, async () => {
    const name = `axe-${colorScheme}`
    await deployShop(at.turnpike, name, backend.url)
    await call(at.turnpike, 'PUT', `${rulesOf(name)}/errors`, { ...FIRES_AT_ONCE, secret: 'twelve-letters' })
    const page = await at.open(`${rulesOf(name)}?rule=errors`, { colorScheme, viewport: { width: 360, height: 800 } })
    await page.getByRole('dialog', { name: 'Edit rule' }).getByRole('checkbox').waitFor()
    await settle(page)
    assert.deepEqual(await violations(page), [])
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
    await page.context().close()
  })
