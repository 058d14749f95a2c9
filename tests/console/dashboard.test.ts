import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'
import { settle } from './settle.ts'
import { ask, askMany, deployShop, startBackend } from './traffic.ts'

const skip = requireCommands(['chromium'])
let at: Console
let backend: Awaited<ReturnType<typeof startBackend>>
before(async () => {
  if (skip !== false) return
  backend = await startBackend()
  at = await startConsole(['--workers', '1'])
  await deployShop(at.turnpike, 'shop', backend.url)
  const paths = ['/pets', '/pets', '/pets', '/pets/1', '/pets/2', '/fails', '/fails', '/missing', '/secret', '/nowhere']
  await askMany(at.turnpike, 'shop', paths)
})
after(async () => {
  await at?.close()
  backend?.close()
})

const DASHBOARD = '/services/shop/stages/live/dashboard'
const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams)

test('from the numbers of an hour to a route, and to the requests behind it', { skip }, async () => {
  const page = await at.open(DASHBOARD)
  await page.getByRole('link', { name: 'Failures: See the requests' }).waitFor()
  await page.getByText('50% of all calls').waitFor()
  const top = page.getByRole('region', { name: 'What stands out' })
  const rows = top.getByRole('row')
  assert.match((await rows.nth(1).textContent()) ?? '', /^GET \/pets3/)
  await top.getByRole('button', { name: 'Failures' }).click()
  await page.waitForURL(/sort=failures/)
  await top.getByRole('row', { name: /^GET \/fails 2 2 100%/ }).waitFor()
  // In the list by calls it is the second, and that stands until the other has come.
  await rows
    .nth(1)
    .filter({ hasText: /^GET \/fails/ })
    .waitFor()

  await top.getByRole('button', { name: 'GET /fails' }).click()
  await page.waitForURL(/route=/)
  await page.getByText('100% of all calls').waitFor()
  await page.getByText('Only Route').waitFor()
  await page.getByRole('region', { name: 'Statuses' }).getByRole('link', { name: '503' }).click()
  await page.waitForURL(/\/logs\?/)
  const requests = page.getByRole('region', { name: 'Requests' })
  await requests.getByRole('button').first().waitFor()
  assert.deepEqual(await requests.getByRole('button').allTextContents(), ['GET /fails', 'GET /fails'])

  await page.goBack()
  await page.getByRole('button', { name: 'Show all traffic again' }).click()
  await page.getByText('50% of all calls').waitFor()
})

test('a chart is the same numbers as a table and in words, and dragging over it zooms', { skip }, async () => {
  const page = await at.open(DASHBOARD)
  const calls = page.getByRole('region', { name: 'Calls by status', exact: true })
  const picture = calls.getByRole('img')
  assert.match((await picture.getAttribute('aria-label')) ?? '', /2xx: highest 5, last/)
  await calls.locator('canvas').first().waitFor()
  await picture.scrollIntoViewIfNeeded()
  const box = (await picture.boundingBox()) ?? assert.fail()
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 })
  await page.mouse.move(box.x + box.width * 0.98, box.y + 60, { steps: 4 })
  await page.mouse.up()
  await page.waitForURL(/to=/)
  const { from = '', to = '' } = parameters(page)
  const minutes = (Date.parse(to) - Date.parse(from)) / 60_000
  assert.ok(minutes > 15 && minutes < 40, `${from} – ${to}`)
  await page.getByRole('button', { name: 'Zoom out' }).waitFor()

  await calls.getByRole('button', { name: 'Show as table' }).click()
  const row = calls.getByRole('row').filter({ hasText: /[1-9]$/ })
  assert.match((await row.first().textContent()) ?? '', /5032$/)
  await page.goBack()
  await page.waitForURL((url) => !url.searchParams.has('to'))
})

test('by keyboard: the span before, a span of one’s own, all stages', { skip }, async () => {
  const page = await at.open(DASHBOARD)
  await page.getByRole('switch', { name: 'Compare with before' }).focus()
  await page.keyboard.press('Space')
  await page.waitForURL(/compare=/)
  await page.getByText('None before').first().waitFor()
  await page.getByRole('button', { name: 'Calls before' }).waitFor()

  await page.getByRole('button', { name: 'Custom' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'From' }).fill('2020-01-01T00:00')
  await page.getByRole('textbox', { name: 'To' }).fill('2019-01-01T00:00')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('The end must be later').waitFor()
  await page.getByRole('textbox', { name: 'To' }).fill('2020-01-01T01:00')
  await page.keyboard.press('Enter')
  await page.waitForURL(/to=/)
  await page.getByText('Nothing was called in this span.').waitFor()

  await page.getByLabel('Stage').selectOption({ label: 'All stages' })
  await page.getByRole('heading', { name: 'Dashboard of all stages' }).waitFor()
  assert.equal(parameters(page).to?.slice(0, 10), '2020-01-01')
})

test('live: what comes is there within seconds, and CSV can be had of it', { skip }, async () => {
  const page = await at.open(`${DASHBOARD}?from=live`)
  await page.getByRole('status').getByText('Live').waitFor()
  for (let i = 0; i < 5; i++) await ask(at.turnpike, 'shop', '/pets')
  const chart = page.getByRole('region', { name: 'Calls by status, per second' })
  await chart.getByRole('img', { name: /2xx: highest [1-9]/ }).waitFor()
  await page.getByRole('button', { name: 'Download CSV' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Points over time' }).click()
  assert.equal((await download).suggestedFilename(), 'statistics.csv')
})

test('the sides of a split, beside one another, of all and of a route', { skip }, async () => {
  const page = await at.open(DASHBOARD)
  await page.getByRole('region', { name: 'What stands out' }).getByRole('row').first().waitFor()
  const sides = page.getByRole('region', { name: 'Sides of splits' })
  assert.equal(await sides.count(), 0)
  await askMany(at.turnpike, 'shop', ['/split', '/split', '/split', '/split?next'])
  await page.reload()
  await sides.getByRole('row', { name: /^stable 3 75% 0 0% / }).waitFor()
  await sides.getByRole('row', { name: /^next 1 25% 1 100% / }).waitFor()
  await page.getByRole('button', { name: 'GET /split' }).click()
  await page.waitForURL(/route=/)
  await sides.getByRole('button', { name: 'next' }).click()
  await page.waitForURL(/side=next/)
  assert.ok('route' in parameters(page))
  await page.getByText('GET /split · next').waitFor()
  await page.getByText('100% of all calls').waitFor()
  await page.getByRole('button', { name: 'Show all traffic again' }).click()
  await page.waitForURL((url) => !url.searchParams.has('side') && !url.searchParams.has('route'))
  await sides.getByRole('row', { name: /^stable / }).waitFor()
})

test('a span that cannot be told says why', { skip }, async () => {
  const page = await at.open(`${DASHBOARD}?from=yesterday`)
  await page
    .getByRole('alert')
    .getByText(/"yesterday" is no time|no such statistics/)
    .waitFor()
})

for (const [what, path, colorScheme] of [
  ['an hour', `${DASHBOARD}?compare=1`, 'light'],
  ['live', `${DASHBOARD}?from=live`, 'dark'],
] as const)
  test(`the dashboard, ${what}, ${colorScheme}, breaks no rule of axe, and fits a phone`, { skip }, async () => {
    const page = await at.open(path, { colorScheme, viewport: { width: 360, height: 800 } })
    await page.getByRole('region', { name: 'What stands out' }).getByRole('row').first().waitFor()
    await settle(page)
    assert.deepEqual(await violations(page), [])
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
    await page.context().close()
  })
