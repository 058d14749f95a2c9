import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { violations } from './axe.ts'
import { type Console, startConsole } from './console.ts'

/** Models, gateway responses and restriction policies, as a person edits them. */

const skip = requireCommands(['chromium'])
let at: Console
before(async () => {
  if (skip === false) at = await startConsole(['--workers', '1'])
})
after(() => at?.close())

test('a model is made, gets properties, keeps what its table does not show, and says who uses it', {
  skip,
}, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'models' })
  await call(at.turnpike, 'POST', '/services/models/models', { name: 'Person', schema: { type: 'object' } })
  const page = await at.open('/services/models/models')
  await page.getByRole('button', { name: 'New model' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Pet')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { name: 'Pet', level: 1 }).waitFor()
  await page
    .getByRole('textbox', { name: 'Schema' })
    .fill('{"type":"object","properties":{"id":{"type":"string","format":"uuid"}},"x-kept":1}')
  await page.getByRole('textbox', { name: 'Name of id' }).fill('petId')
  await page.getByRole('checkbox', { name: 'petId is required' }).check()
  await page.getByRole('button', { name: 'Add a property' }).click()
  await page.getByRole('textbox', { name: 'Name of property2' }).fill('owners')
  await page.getByRole('combobox', { name: 'Type of owners' }).selectOption('Person[]')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const { schema } = await call(at.turnpike, 'GET', '/services/models/models/Pet')
  assert.deepEqual(schema, {
    type: 'object',
    properties: {
      petId: { type: 'string', format: 'uuid' },
      owners: { type: 'array', items: { $ref: '#/models/Person' } },
    },
    'x-kept': 1,
    required: ['petId'],
  })
  await page.goto('/services/models/models/Person')
  await page.getByText('model Pet').waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog', { name: 'Person is in use' }).getByText('model Pet').waitFor()
  await page.goto('/services/models/models/Pet')
  // Nobody is asked about what is not saved of something that is deleted.
  await page.getByRole('button', { name: 'Add a property' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Pet is deleted').waitFor()
  await page.getByRole('link', { name: 'Person' }).waitFor()
  assert.equal((await at.turnpike.api('GET', '/services/models/models/Pet')).status, 404)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('link', { name: 'Pet' }).waitFor()
  assert.deepEqual((await call(at.turnpike, 'GET', '/services/models/models/Pet')).schema, schema)
  await page.context().close()
})

test('a gateway response is redefined with a preview of it, and reset; the envelope redefines all', {
  skip,
}, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'replies' })
  const of = async (type: string) => {
    const { items } = await call(at.turnpike, 'GET', '/services/replies/gateway-responses')
    return (items as unknown as { type: string; redefined: unknown }[]).find((one) => one.type === type)?.redefined
  }
  const page = await at.open('/services/replies/responses')
  await page.getByRole('link', { name: 'not-found' }).click()
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByText('application/problem+json').waitFor()
  await page.getByRole('textbox', { name: 'Status' }).fill('410')
  await page.getByRole('button', { name: 'Add: Bodies' }).click()
  await page.getByRole('textbox', { name: 'Content type' }).fill('text/plain')
  await page.getByRole('textbox', { name: 'Body' }).fill('gone: ${error.typo}')
  await preview.getByText('is not a context variable').waitFor()
  await page.getByRole('textbox', { name: 'Body' }).fill('gone: ${error.type}')
  await preview.getByText('gone: not-found').waitFor()
  await preview.getByText('HTTP/1.1 410').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('not-found is redefined').waitFor()
  assert.deepEqual(await of('not-found'), {
    status: 410,
    headers: {},
    bodies: [{ contentType: 'text/plain', body: 'gone: ${error.type}' }],
  })
  // JSON that is none cannot be saved, and can be dropped.
  await page.getByText('As JSON', { exact: true }).click()
  const json = page.getByRole('textbox', { name: 'Settings as JSON' })
  await json.fill('{ "status": ')
  await page.getByText(/^This is not JSON: /).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true)
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await page.getByRole('textbox', { name: 'Status' }).waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'Status' }).inputValue(), '410')
  const redefined = await of('not-found')
  await page.getByRole('button', { name: 'Reset to the default' }).click()
  await page.getByText('not-found is the default one again').waitFor()
  assert.equal(await of('not-found'), null)
  await page.getByRole('button', { name: 'Reset to the default' }).waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Reset to the default' }).waitFor()
  assert.deepEqual(await of('not-found'), redefined)
  // A notice stays while one points at it, and covers the button.
  await page.mouse.move(0, 0)
  await page.getByText('not-found is redefined').waitFor({ state: 'hidden' })
  // What is typed and not saved cannot be put back.
  await page.getByRole('textbox', { name: 'Status' }).fill('404')
  await page.getByRole('button', { name: 'Reset to the default' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset to the default' }).click()
  await page.getByText('not-found is the default one again').waitFor()
  assert.equal(await of('not-found'), null)
  await page.goto('/services/replies/responses')
  await page.getByRole('button', { name: 'Use the envelope' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Redefine all' }).click()
  await page.getByText('Redefined').nth(3).waitFor()
  assert.notEqual(await of('forbidden'), null)
  await page.context().close()
})

test('a policy is made; its values are found among many, changed, added and removed', { skip }, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'limits' })
  const page = await at.open('/services/limits/policies')
  await page.getByRole('button', { name: 'New policy' }).click()
  const dialog = page.getByRole('dialog', { name: 'New policy' })
  await dialog.getByRole('textbox', { name: 'Name' }).first().fill('tenants')
  await dialog.getByRole('textbox', { name: 'Name' }).last().fill('x-tenant')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { name: 'tenants', level: 1 }).waitFor()
  const values = Array.from({ length: 300 }, (_, i) => ({ value: `t${i}`, requestsPerSecond: 1, networks: null }))
  await call(at.turnpike, 'PATCH', '/services/limits/policies/tenants', { values })
  await page.reload()
  await page.getByRole('textbox', { name: 'Search values' }).fill('t299')
  await page.getByText('1 of 300').waitFor()
  await page.getByRole('button', { name: 'Change t299' }).click()
  const change = page.getByRole('dialog', { name: 'Change t299' })
  await change.getByRole('textbox', { name: 'Requests per second' }).fill('40')
  await change.getByRole('button', { name: 'Set up: Networks' }).click()
  await change.getByLabel('List').fill('10.0.0.0/8')
  await page.keyboard.press('Enter')
  await change.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: 'only 10.0.0.0/8' }).waitFor()
  await page.getByRole('button', { name: 'Add a value' }).click()
  const add = page.getByRole('dialog', { name: 'Add a value' })
  await add.getByRole('textbox', { name: 'Value', exact: true }).fill('t299')
  await add.getByText('This value is listed already').waitFor()
  await add.getByRole('textbox', { name: 'Value', exact: true }).fill('acme')
  await add.getByRole('button', { name: 'Save' }).click()
  await add.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Remove t299' }).click()
  await page.getByText('0 of 300').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('1 of 301').waitFor()
  await page.getByRole('button', { name: 'Remove t299' }).click()
  await page.getByText('0 of 300').waitFor()
  const policy = await call(at.turnpike, 'GET', '/services/limits/policies/tenants')
  const kept = policy.values as unknown as { value: string }[]
  assert.deepEqual(
    [kept.some(({ value }) => value === 'acme'), kept.some(({ value }) => value === 't299')],
    [true, false],
  )
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('No restriction policy yet').waitFor()
  await page.getByText('tenants is deleted').locator('..').getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('link', { name: 'tenants' }).waitFor()
  assert.deepEqual(await call(at.turnpike, 'GET', '/services/limits/policies/tenants'), policy)
  await page.context().close()
})

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 360],
] as const) {
  test(`the editors, ${colorScheme} at ${width} px, break no rule of axe`, { skip }, async () => {
    const name = `axe-${colorScheme}`
    await call(at.turnpike, 'POST', '/services', { name })
    const schema = { type: 'object', properties: { id: { type: 'integer' }, odd: { not: {} } } }
    await call(at.turnpike, 'POST', `/services/${name}/models`, { name: 'Pet', schema })
    const values = Array.from({ length: 50 }, (_, i) => ({ value: `t${i}`, requestsPerSecond: null, networks: null }))
    const policy = { name: 'tenants', key: { in: 'header', name: 'x-tenant' }, values }
    await call(at.turnpike, 'POST', `/services/${name}/policies`, policy)
    await call(at.turnpike, 'PUT', `/services/${name}/gateway-responses`, { preset: 'envelope' })
    const page = await at.open('about:blank', { colorScheme, viewport: { width, height: 900 } })
    const views = [
      ['models/Pet', page.getByRole('textbox', { name: 'Schema' })],
      ['responses/forbidden', page.getByText('HTTP/1.1 403')],
      ['policies/tenants', page.getByRole('button', { name: 'Change t0' })],
    ] as const
    for (const [path, there] of views) {
      await page.goto(`/services/${name}/${path}`)
      await there.waitFor()
      assert.deepEqual(await violations(page), [], path)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`)
    }
    await page.getByRole('button', { name: 'Change t0' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).waitFor()
    assert.deepEqual(await violations(page), [], 'a value')
    await page.context().close()
  })
}
