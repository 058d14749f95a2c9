import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Locator, Route } from 'playwright-core'
import { requireCommands } from '../support/commands.ts'
import { startTurnpike } from '../support/turnpike.ts'
import { violations } from './axe.ts'
import { hasFocus } from './by-keyboard.ts'
import { type Console, PASSWORD, startConsole } from './console.ts'

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip === false) at = await startConsole()
})
after(() => at?.close())

async function logIn(login: Locator): Promise<void> {
  await hasFocus(login.page(), login.getByRole('textbox', { name: 'Name' }))
  await login.getByRole('textbox', { name: 'Name' }).fill('admin')
  await login.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await login.getByRole('button', { name: 'Log in' }).click()
}

test('somebody who is logged in sees the services; everything is served by the program itself', { skip }, async () => {
  const page = await at.open('about:blank')
  const elsewhere: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(at.url) && !request.url().startsWith('data:')) elsewhere.push(request.url())
  })
  await page.goto('/services')
  await page.getByRole('heading', { name: 'Services' }).waitFor()
  assert.deepEqual(elsewhere, [])
})

test('the set-up link makes the first user, and leaves no token in the address', { skip }, async () => {
  const turnpike = await startTurnpike()
  try {
    const link = /(http:\S+\/setup#token=\S+)/.exec(turnpike.output())?.[1] ?? ''
    const context = await at.browser.newContext()
    const page = await context.newPage()
    await page.goto(link)
    assert.deepEqual(await violations(page), [])
    await page.getByRole('textbox', { name: 'Name' }).fill('ada')
    await page.getByRole('textbox', { name: 'Password' }).fill('short-pass')
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Make the user' }).click()
    await page.getByRole('navigation', { name: 'Main' }).waitFor()
    assert.doesNotMatch(page.url(), /token/)
    await context.close()
  } finally {
    await turnpike.stop()
  }
})

test('a session that ends asks for the login over what is typed, and goes on', { skip }, async () => {
  const page = await at.open('/services')
  await page.getByRole('button', { name: 'New service' }).click()
  const name = page.getByRole('textbox', { name: 'Name' })
  await name.fill('typed-before')
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Create' }).click()
  const login = page.getByRole('dialog', { name: 'Log in to Turnpike' })
  await logIn(login)
  await login.waitFor({ state: 'hidden' })
  await page.getByRole('dialog', { name: 'New service' }).waitFor()
  assert.equal(await name.inputValue(), 'typed-before')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('link', { name: 'typed-before' }).or(page.getByText('typed-before')).first().waitFor()
})

test('what the server says of the session before, after somebody has logged in again, does not ask for it once more', {
  skip,
}, async () => {
  const page = await at.open('/services')
  await page.getByRole('heading', { name: 'Services' }).waitFor()
  await page.context().clearCookies()
  const unknown: Route[] = []
  let isHeld = true
  await page.route('**/api/v1/me', (route) => (isHeld ? void unknown.push(route) : route.continue()))
  // Two that are refused: of the first one the login is asked for, what is said of the second one comes late.
  for (const view of ['Usage plans', 'Alerts']) await page.getByRole('link', { name: view, exact: true }).click()
  while (unknown.length < 2) await page.waitForRequest('**/api/v1/me')
  const refuse = { status: 401, json: {} }
  await unknown[0]?.fulfill(refuse)
  const login = page.getByRole('dialog', { name: 'Log in to Turnpike' })
  await login.getByRole('textbox', { name: 'Password' }).waitFor()
  isHeld = false
  await logIn(login)
  await login.waitFor({ state: 'hidden' })
  const late = page.waitForResponse((response) => response.url().endsWith('/me') && response.status() === 401)
  for (const route of unknown.slice(1)) await route.fulfill(refuse)
  await late
  await page.evaluate('new Promise(requestAnimationFrame)')
  assert.equal(await login.count(), 0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the login, ${colorScheme}, breaks no rule of axe`, { skip }, async () => {
    const context = await at.browser.newContext({ baseURL: at.url, colorScheme })
    const page = await context.newPage()
    await page.goto('/')
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    assert.deepEqual(await violations(page), [])
    await context.close()
  })
}
