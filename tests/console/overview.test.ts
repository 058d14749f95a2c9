import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
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
})
after(async () => {
  await at?.close()
  backend?.close()
})

test('where there is nothing yet, the way leads to the guide; to a viewer it says whom to ask', { skip }, async () => {
  const page = await at.open('/')
  await page.getByRole('heading', { name: 'Welcome to Turnpike' }).waitFor()
  await page.getByRole('button', { name: 'New service' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await page.getByRole('link', { name: 'Start with the guide' }).click()
  await page.waitForURL('**/start')
  const viewer = await at.open('/', { role: 'viewer' })
  await viewer.getByRole('heading', { name: 'No service that you may see' }).waitFor()
  assert.equal(await viewer.getByRole('button', { name: 'New service' }).count(), 0)
})

test('live numbers, failures, what differs from live, and what fires', { skip }, async () => {
  const { turnpike } = at
  await deployShop(turnpike, 'shop', backend.url)
  await call(turnpike, 'POST', '/services/shop/stages', { name: 'test' })
  await call(turnpike, 'PATCH', '/services/shop/stages/live', { variables: { region: 'eu-1' } })
  const rule = { kind: 'server-errors', threshold: 1, forMinutes: 0, minCalls: 1 }
  await call(turnpike, 'PUT', '/services/shop/stages/live/alerts/errors', rule)
  await askMany(turnpike, 'shop', ['/pets', '/pets', '/pets', '/fails'])

  const page = await at.open('/')
  const shop = page.getByRole('region', { name: 'shop' })
  await shop.getByRole('row', { name: /live .*25%/ }).waitFor()
  await shop.getByRole('link', { name: '1 to deploy' }).waitFor()
  await shop.getByRole('link', { name: /^Never deployed/ }).waitFor()
  await page.getByText('1 firing').waitFor()
  await page.getByRole('region', { name: 'Alerts' }).getByRole('link', { name: 'errors' }).waitFor()
  await page.getByRole('region', { name: 'Nodes' }).getByText('1 of 1 workers ready').waitFor()

  // The feed is there as soon as it says that nothing is called.
  await shop.getByRole('cell', { name: '0/s' }).first().waitFor()
  const isCalled = shop.getByRole('row', { name: /^live (?!0\/s)[\d.]+\/s/ }).waitFor()
  let isOver = false
  const calls = (async () => {
    while (!isOver) await ask(turnpike, 'shop', '/pets')
  })()
  await isCalled
  isOver = true
  await calls
  await shop.getByRole('link', { name: 'live', exact: true }).click()
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
})

test('the feed ends while the page is not seen, and begins again', { skip }, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'hidden' })
  const page = await at.open('about:blank')
  const feeds: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/statistics/live')) feeds.push('begins')
  })
  page.on('requestfailed', (request) => {
    if (request.url().includes('/statistics/live')) feeds.push('ends')
  })
  const show = (state: 'visible' | 'hidden') =>
    page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: ${state === 'hidden'}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
    )
  await page.goto('/')
  await page.getByText('0/s').first().waitFor()
  const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('/statistics/live'))
  await show('hidden')
  await ended
  const begun = page.waitForRequest(/\/statistics\/live/)
  await show('visible')
  await begun
  assert.deepEqual(feeds, ['begins', 'ends', 'begins'])
})

test('in Korean, dark and on a phone, the overview breaks no rule of axe', { skip }, async () => {
  await deployShop(at.turnpike, 'axe', backend.url)
  const page = await at.open('/', { colorScheme: 'dark', locale: 'ko-KR', viewport: { width: 360, height: 800 } })
  await page.getByRole('heading', { name: '개요' }).waitFor()
  await page.getByRole('region', { name: 'axe' }).getByRole('link', { name: 'live' }).waitFor()
  await settle(page)
  assert.deepEqual(await violations(page), [])
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
})
