import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, before, test } from 'node:test'
import { BROWSER } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'

/** Keys and usage plans, as somebody would work with them. */

const skip = requireCommands(BROWSER)
let at: Console
before(async () => {
  if (skip !== false) return
  at = await startConsole(['--workers', '1'])
  await deployDesign(at.turnpike, 'shop', {
    '/pets': {
      plugins: [{ plugin: 'key-auth', config: {} }],
      methods: { GET: { backend: { kind: 'mock', body: 'cats' } } },
    },
  })
  await call(at.turnpike, 'POST', '/plans', { name: 'gold', quota: { requests: 10, per: 'month' } })
  await call(at.turnpike, 'PUT', '/plans/gold/stages/shop/live')
})
after(() => at?.close())

/** What somebody with this value is answered. */
const statusWith = async (value: string) => {
  const asked = request({
    host: '127.0.0.1',
    port: at.turnpike.gatewayPort,
    path: '/pets',
    headers: { host: 'shop.localhost', 'x-api-key': value },
  })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

test('a key is made, shown once, subscribed, replaced, and deleted with what is in its way', { skip }, async () => {
  const page = await at.open('/keys')
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Acme web shop')
  await page.getByRole('button', { name: 'In 90 days' }).click()
  await page.getByRole('checkbox', { name: 'I bring the values myself' }).check()
  await page.getByRole('textbox', { name: 'Primary value' }).fill('short')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('alert').filter({ hasText: 'primary' }).waitFor()
  await page.getByRole('textbox', { name: 'Primary value' }).fill('acme-primary-0123456789')
  await page.getByRole('button', { name: 'Create' }).click()
  const shown = page.getByRole('dialog', { name: 'The key “Acme web shop” is made' })
  await shown.getByText('acme-primary-0123456789').waitFor()
  await page.keyboard.press('Escape')
  assert.deepEqual(await violations(page), [])
  await shown.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('heading', { level: 1, name: 'Acme web shop' }).waitFor()
  assert.equal(await page.getByText('acme-primary-0123456789').count(), 0)

  await page.getByRole('button', { name: 'Subscribe to a stage' }).click()
  const subscribing = page.getByRole('dialog', { name: 'Subscribe to a stage' })
  await subscribing.getByRole('combobox', { name: 'Plan' }).click()
  await page.getByRole('option', { name: 'gold' }).click()
  await subscribing.getByRole('combobox', { name: 'Stage' }).click()
  await page.getByRole('option', { name: 'shop/live' }).click()
  // What is chosen once more stays chosen.
  await subscribing.getByRole('combobox', { name: 'Stage' }).click()
  await page.getByRole('option', { name: 'shop/live' }).click()
  await subscribing.getByRole('button', { name: 'Subscribe' }).click()
  await page.getByText('0 of 10 this month').waitFor()
  assert.equal(await statusWith('acme-primary-0123456789'), 200)
  await page.getByText('1 of 10 this month').waitFor()

  await page.getByRole('button', { name: 'End the subscription to shop/live' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click()
  await page.getByText('This key may call nothing yet').waitFor()
  assert.equal(await statusWith('acme-primary-0123456789'), 403)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('1 of 10 this month').waitFor()
  assert.equal(await statusWith('acme-primary-0123456789'), 200)

  await page.getByRole('button', { name: 'Replace the primary value' }).click()
  await page.getByRole('button', { name: 'Replace it' }).click()
  await page.getByRole('button', { name: 'I have kept it' }).click()
  assert.equal(await statusWith('acme-primary-0123456789'), 401)

  await page.getByRole('button', { name: 'Delete' }).click()
  const asked = page.getByRole('dialog', { name: 'It cannot be deleted yet' })
  await asked.getByText('shop/live (gold)').waitFor()
  await asked.getByRole('button', { name: 'End these and delete the key' }).click()
  await page.getByText('No key yet').waitFor()
})

test('by keyboard: a key is searched, opened, deactivated', { skip }, async () => {
  for (const name of ['Blue Bakery', 'Cyan Cycles']) await call(at.turnpike, 'POST', '/keys', { name })
  const page = await at.open('/keys')
  await page.getByRole('searchbox', { name: 'Search' }).focus()
  await page.keyboard.type('bakery')
  await page.waitForURL(/q=bakery/)
  await page.getByText('Cyan Cycles').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Blue Bakery' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Deactivate' }).focus()
  await page.keyboard.press('Enter')
  const asked = page.getByRole('dialog', { name: 'Deactivate Blue Bakery?' })
  // What changes nothing has the focus.
  await asked.locator('button:focus').filter({ hasText: 'Cancel' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Activate', exact: true }).waitFor()
  assert.equal((await call(at.turnpike, 'GET', '/keys/Blue Bakery')).active, false)
})

test('a file of keys: the bad line is named, nothing is made; then all are', { skip }, async () => {
  const page = await at.open('/keys/import')
  const file = page.getByRole('textbox', { name: 'Or paste it, or drop the file here' })
  await file.fill('name,primary,subscriptions\nDelta,delta-0123456789,shop/live=gold\nEcho,bad,\n')
  await page.getByRole('button', { name: 'Look what would be made' }).click()
  const wrong = page.getByRole('row').filter({ hasText: 'Echo,bad,' })
  await wrong.getByText('3', { exact: true }).waitFor()
  assert.deepEqual(await violations(page), [])
  await file.fill('name,primary,subscriptions\nDelta,delta-0123456789,shop/live=gold\nEcho,,\n')
  await page.getByRole('button', { name: 'Look what would be made' }).click()
  await page.getByText('2 keys would be made; nothing is made yet').waitFor()
  assert.equal((await at.turnpike.api('GET', '/keys/Delta')).status, 404)
  await page.getByRole('button', { name: 'Make 2 keys' }).click()
  await page.getByText('2 keys are made').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'new-keys.csv')
  await page.getByRole('link', { name: 'To the keys' }).click()
  await page.getByRole('link', { name: 'Delta' }).waitFor()

  // Its plan cannot go from the stage, and says because of whom.
  await page.goto('/plans/gold')
  await page.getByRole('button', { name: 'Disconnect from shop/live' }).click()
  const blocked = page.getByRole('dialog', { name: 'shop/live cannot be disconnected yet' })
  await blocked.getByRole('link', { name: 'Delta' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Delete' }).click()
  const kept = page.getByRole('dialog', { name: 'It cannot be deleted yet' })
  await kept.getByText('shop/live').getByRole('link', { name: '1 key' }).click()
  await page.waitForURL(/\/keys\?.*plan=gold/)
  await page.getByRole('link', { name: 'Delta' }).waitFor()
})

test('a plan that no key needs: it is disconnected and connected again, and deleted with its connections', {
  skip,
}, async () => {
  await call(at.turnpike, 'POST', '/plans', { name: 'bronze' })
  await call(at.turnpike, 'PUT', '/plans/bronze/stages/shop/live')
  const page = await at.open('/plans/bronze')
  await page.getByRole('button', { name: 'Disconnect from shop/live' }).click()
  await page.getByText('It is connected to no stage yet').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Disconnect from shop/live' }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  const asked = page.getByRole('dialog', { name: 'Delete bronze?' })
  await asked.getByText('shop/live').waitFor()
  assert.deepEqual(await violations(page), [])
  await asked.getByRole('button', { name: 'Disconnect it and delete it' }).click()
  await page.waitForURL(/\/plans$/)
  assert.equal((await at.turnpike.api('GET', '/plans/bronze')).status, 404)
})

test('a plan that two change: both versions are shown, and nothing typed is lost', { skip }, async () => {
  await call(at.turnpike, 'POST', '/plans', {
    name: 'silver',
    requestsPerSecond: 5,
    quota: { requests: 100, per: 'day' },
  })
  const page = await at.open('/plans/silver')
  await page.getByRole('button', { name: 'Edit plan' }).click()
  const editing = page.getByRole('dialog', { name: 'Edit plan' })
  await editing.getByRole('textbox', { name: 'Requests', exact: true }).fill('500')
  await editing.getByText('What was used counts on').waitFor()
  await call(at.turnpike, 'PATCH', '/plans/silver', { description: 'Theirs' })
  await editing.getByRole('button', { name: 'Save', exact: true }).click()
  const conflict = editing.getByRole('alert').filter({ hasText: 'Somebody else has changed this meanwhile' })
  await conflict.getByText('"description": "Theirs"').waitFor()
  await conflict.getByRole('button', { name: 'Save mine over it' }).click()
  await editing.waitFor({ state: 'hidden' })
  const { quota } = await call(at.turnpike, 'GET', '/plans/silver')
  assert.deepEqual(quota, { requests: 500, per: 'day' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('100 a day').waitFor()
  const { description, ...limits } = await call(at.turnpike, 'GET', '/plans/silver')
  assert.deepEqual([description, limits.quota], ['', { requests: 100, per: 'day' }])
})

test('a viewer is offered nothing that is refused', { skip }, async () => {
  const page = await at.open('/keys', { role: 'viewer' })
  await page.getByRole('heading', { name: 'API keys' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'New key' }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Import CSV' }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Audit log' }).count(), 0)
  await page.goto('/people')
  await page.getByText('This is not for you').waitFor()
})
