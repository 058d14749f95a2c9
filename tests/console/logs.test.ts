import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
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

async function shop(name: string, paths: readonly string[]): Promise<string> {
  await deployShop(at.turnpike, name, backend.url)
  for (const path of paths) await ask(at.turnpike, name, path)
  return `/services/${name}/stages/live/logs`
}

test('requests are filtered, one is looked at, and the way leads on to Try', { skip }, async () => {
  const logs = await shop('filtered', ['/pets', '/pets/1', '/fails', '/missing', '/secret'])
  const page = await at.open(logs)
  const rows = page.getByRole('region', { name: 'Requests' }).getByRole('button')
  await rows.first().waitFor()
  assert.deepEqual(await rows.allTextContents(), [
    'GET /secret',
    'GET /missing',
    'GET /fails',
    'GET /pets/1',
    'GET /pets',
  ])
  await page.getByRole('group', { name: 'Class of the status' }).getByText('5xx').click()
  await page.waitForURL(/status=5xx/)
  await page.getByRole('button', { name: 'GET /missing' }).waitFor({ state: 'detached' })
  assert.deepEqual(await rows.allTextContents(), ['GET /fails'])
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByRole('textbox', { name: 'Path contains' }).fill('secret')
  await page.waitForURL(/path=secret/)
  await page.getByRole('button', { name: 'GET /pets/1' }).waitFor({ state: 'detached' })
  await rows.first().click()
  const drawer = page.getByRole('dialog', { name: 'Request' })
  await drawer.getByRole('row', { name: "Gateway's answer key-missing" }).waitFor()
  await drawer.getByRole('row', { name: 'Answered by plugin key-auth' }).waitFor()
  await drawer.getByText(/turnpike logs --id [0-9a-f]{32}/).waitFor()
  const link = await drawer.getByRole('link', { name: 'Try with this request' }).getAttribute('href')
  assert.equal(link, '/services/filtered/stages/live/try?method=GET&target=%2Fsecret')
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  await page.waitForURL((url) => !url.searchParams.has('request'))
})

test('a filter that cannot be is said to be wrong, and one that nothing is like says so', { skip }, async () => {
  const logs = await shop('nothing', ['/pets'])
  const page = await at.open(`${logs}?status=teapot`)
  await page.getByRole('alert').waitFor()
  await page.goto(`${logs}?error=never-said`)
  await page.getByRole('heading', { name: 'No such request' }).waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'Answer of the gateway' }).inputValue(), 'never-said')
})

test('by keyboard: requests are followed as they come, and those below stay where they are', { skip }, async () => {
  const logs = await shop(
    'followed',
    Array.from({ length: 60 }, () => '/pets'),
  )
  const page = await at.open(logs)
  const table = page.getByRole('region', { name: 'Requests' })
  await page.getByRole('switch', { name: 'Follow' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('status').getByText('Following').waitFor()
  await ask(at.turnpike, 'followed', '/pets/came')
  await table.getByRole('button', { name: 'GET /pets/came, 200' }).waitFor()

  await table.focus()
  await page.keyboard.press('End')
  await table.getByRole('button', { name: 'GET /pets/came, 200' }).waitFor({ state: 'detached' })
  await ask(at.turnpike, 'followed', '/pets/later')
  const held = page.getByRole('button', { name: '1 new request' })
  await held.focus()
  await page.keyboard.press('Enter')
  await table.getByRole('button', { name: 'GET /pets/later, 200' }).waitFor()
  await held.waitFor({ state: 'detached' })
})

test('a feed that is lost comes back by itself, and what came meanwhile is there', { skip }, async () => {
  const logs = await shop('lost', ['/pets'])
  const page = await at.open('about:blank')
  const isFeed = (url: URL) => url.pathname.endsWith('/requests/live')
  await page.route(isFeed, (route) => route.fulfill({ status: 503, body: '' }))
  await page.goto(`${logs}?follow=1`)
  await page.getByRole('status').getByText('Connection lost').waitFor()
  await ask(at.turnpike, 'lost', '/pets/meanwhile')
  await page.unroute(isFeed)
  await page.getByRole('status').getByText('Following').waitFor()
  await page.getByRole('button', { name: 'GET /pets/meanwhile' }).waitFor()
})

test('a request is found by its id, of whatever stage it is', { skip }, async () => {
  const logs = await shop('here', ['/pets'])
  await shop('there', [])
  const answer = await ask(at.turnpike, 'there', '/secret')
  const id = /"requestId":"([0-9a-f]{32})"/.exec(answer)?.[1] ?? assert.fail(answer)
  const page = await at.open(logs)
  const find = page.getByRole('textbox', { name: 'Find by request id' })
  await find.fill(id)
  await find.press('Enter')
  await page.getByRole('dialog').getByRole('row', { name: 'Service and stage there/live' }).waitFor()
  await page.goto(`${logs}?request=nobody-knows-it`)
  await page.getByRole('dialog').getByText('No worker remembers').waitFor()
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`a request that is looked at, ${colorScheme}, breaks no rule of axe, and fits a phone`, { skip }, async () => {
    const logs = await shop(`axe-${colorScheme}`, ['/pets', '/fails', '/missing', '/secret'])
    const page = await at.open(logs, { colorScheme, viewport: { width: 360, height: 800 } })
    const rows = page.getByRole('region', { name: 'Requests' }).getByRole('button')
    await rows.first().waitFor()
    await settle(page)
    assert.deepEqual(await violations(page), [])
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
    await rows.first().click()
    await page.getByRole('dialog', { name: 'Request' }).getByText('turnpike logs').waitFor()
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })
