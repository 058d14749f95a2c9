import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeCertificate, newPrivateKey } from '../../src/lib/make-certificate.ts'
import { BROWSER } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { violations } from './axe.ts'
import { type Console, PASSWORD, startConsole } from './console.ts'

/** People, tokens, the audit log, certificates, nodes, and one's own account. */

const skip = requireCommands(BROWSER)
const DAY_MS = 86_400_000
let at: Console
before(async () => {
  if (skip === false) at = await startConsole(['--workers', '1'])
})
after(() => at?.close())

test('a user is made for one service, raised, and found in the audit log with what is different', {
  skip,
}, async () => {
  await call(at.turnpike, 'POST', '/services', { name: 'shop' })
  const page = await at.open('/people')
  await page.getByRole('button', { name: 'New user' }).click()
  const making = page.getByRole('dialog', { name: 'New user' })
  await making.getByRole('textbox', { name: 'Name' }).fill('grace')
  await making.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await making.getByRole('combobox', { name: 'Add a service' }).click()
  await page.getByRole('option', { name: 'shop' }).click()
  await making.getByRole('combobox', { name: 'Role on shop' }).waitFor()
  await making.getByRole('button', { name: 'Create' }).click()
  await making.waitFor({ state: 'hidden' })

  await page.getByRole('button', { name: 'Change role of grace' }).click()
  await page.waitForURL(/user=/)
  const changing = page.getByRole('dialog', { name: 'Change role of grace' })
  await changing.getByRole('combobox', { name: 'Role everywhere' }).click()
  await page.getByRole('option', { name: 'Editor' }).click()
  await changing.getByRole('button', { name: 'Save' }).click()
  await changing.waitFor({ state: 'hidden' })
  await page.getByRole('row', { name: /grace/ }).getByText('Editor').waitFor()

  await page.goto('/audit?kind=user&action=update')
  await page.getByRole('link', { name: 'Show what is different: Changed user grace' }).click()
  const entry = page.getByRole('dialog', { name: 'admin: Changed user (grace)' })
  await entry.getByRole('row').filter({ hasText: '/role' }).getByText('editor').waitFor()
  assert.deepEqual(await violations(page), [])
  await page.reload()
  await entry.waitFor()
})

test('in Korean, what was done and what is wrong with a name are in Korean', { skip }, async () => {
  const page = await at.open('/audit?kind=service', { locale: 'ko-KR' })
  await call(at.turnpike, 'POST', '/services', { name: 'bakery' })
  await page.reload()
  await page.getByRole('link', { name: '달라진 점 보기: 서비스 생성 bakery' }).click()
  await page.getByRole('dialog', { name: '서비스 생성' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: '작업' }).fill('복사')
  await page.getByRole('option', { name: 'copy' }).click()
  await page.waitForURL(/action=copy/)

  await page.goto('/people')
  await page.getByRole('button', { name: '새 사용자' }).click()
  const making = page.getByRole('dialog', { name: '새 사용자' })
  await making.getByRole('textbox', { name: '이름' }).fill('Grace Hopper')
  await making.getByRole('textbox', { name: '비밀번호' }).fill(PASSWORD)
  await making.getByRole('button', { name: '만들기' }).click()
  await making.getByText('필요한 형식: 영문 소문자나 숫자로 시작하는 100자 이하의').first().waitFor()
  await page.context().close()
})

test('a token is shown once, works, and works no more when it is revoked', { skip }, async () => {
  const page = await at.open('/tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  const making = page.getByRole('dialog', { name: 'New token' })
  await making.getByRole('textbox', { name: 'Name' }).fill('ci')
  await making.getByRole('button', { name: 'Create' }).click()
  const shown = page.getByRole('dialog', { name: 'The token “ci” is made' })
  const value = (await shown.locator('pre').first().innerText()).trim()
  await shown.getByRole('button', { name: 'I have kept it' }).click()
  const status = async () =>
    (await fetch(`${at.url}/api/v1/me`, { headers: { authorization: `Bearer ${value}` } })).status
  assert.equal(await status(), 200)
  await page.getByRole('button', { name: 'Revoke ci' }).click()
  await page.getByRole('dialog', { name: 'Revoke ci?' }).getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Revoke ci' }).waitFor({ state: 'detached' })
  assert.equal(await status(), 401)
})

test('a certificate: what is wrong with it is said at the field; a good one is there, with its days', {
  skip,
}, async () => {
  const key = newPrivateKey()
  const chain = makeCertificate({
    commonName: 'shop.example',
    names: ['shop.example'],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 10.5 * DAY_MS),
    key,
    usage: 'server',
  })
  const page = await at.open('/certificates')
  await page.getByRole('button', { name: 'Upload certificate' }).click()
  const form = page.getByRole('dialog', { name: 'Upload certificate' })
  await form.getByRole('textbox', { name: 'Name' }).fill('shop.example')
  await form.getByRole('textbox', { name: 'Chain, in PEM' }).fill('not a certificate')
  const keyField = form.getByRole('textbox', { name: 'Private key, in PEM' })
  await keyField.fill(String(key.export({ type: 'pkcs8', format: 'pem' })))
  await form.getByRole('button', { name: 'Upload', exact: true }).click()
  await form.locator('textarea[aria-invalid=true]').first().waitFor()
  await form.getByRole('textbox', { name: 'Chain, in PEM' }).fill(chain)
  await form.getByRole('button', { name: 'Upload', exact: true }).click()
  await form.waitFor({ state: 'hidden' })
  await page.getByText('Only 10 days left').waitFor()
  await page.getByRole('link', { name: 'shop.example' }).click()
  await page.getByRole('dialog', { name: 'Certificate shop.example' }).getByText('Fingerprint').waitFor()
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Escape')
  // What is pasted is not lost without a question.
  await page.getByRole('button', { name: 'Replace or change shop.example' }).click()
  await page.getByRole('textbox', { name: 'Chain, in PEM' }).fill(chain)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Close without saving' }).click()
  await page.getByRole('button', { name: 'Delete shop.example' }).click()
  const asked = page.getByRole('dialog', { name: 'Delete shop.example?' })
  await asked.getByText('No live stage shows it.').waitFor()
  await asked.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No certificate yet').waitFor()
})

test('the nodes are looked after by themselves', { skip }, async () => {
  const page = await at.open('/status', { role: 'viewer' })
  await page.getByRole('row').filter({ hasText: 'Ready' }).waitFor()
  await call(at.turnpike, 'POST', '/services', { name: 'seen' })
  await call(at.turnpike, 'POST', '/services/seen/stages', { name: 'live' })
  await call(at.turnpike, 'POST', '/services/seen/stages/live/deployments', {})
  await page.getByRole('link', { name: 'seen/live' }).waitFor()
})

test("one's own password and colours", { skip }, async () => {
  const page = await at.open('/', { role: 'editor' })
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByText('Dark', { exact: true }).click()
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
  const current = page.getByRole('textbox', { name: 'Password of now' })
  await current.fill('wrong password')
  await page.getByRole('textbox', { name: 'New password' }).fill('a much longer one')
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByRole('alert').waitFor()
  assert.equal(await current.inputValue(), 'wrong password')
  await current.fill(PASSWORD)
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByText('The password is changed').waitFor()
})
