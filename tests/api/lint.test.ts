import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call } from '../support/design.ts'
import { type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Findings about designs and stages: asked for, at a save, and where they stop a deployment. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  await call(turnpike, 'POST', '/services', { name: 'pets' })
  const { id } = await call(turnpike, 'POST', '/services/pets/resources', { path: '/pets/{id}' })
  const fixed = { kind: 'http', path: '/${stage.variable.base}/all' }
  const saved = await call(turnpike, 'POST', `/services/pets/resources/${id}/methods`, { verb: 'GET', backend: fixed })
  assert.deepEqual(
    (saved.warnings as unknown as Json[]).map(({ code }) => code),
    ['unused-path-variable'],
  )
  await call(turnpike, 'POST', '/services/pets/stages', {
    name: 'live',
    isDefault: true,
    backend: { targets: [{ url: 'http://127.0.0.1:9' }] },
  })
})
after(() => turnpike.stop())

const lint = async (query = '') =>
  ((await call(turnpike, 'GET', `/services/pets/lint${query}`)).items as unknown as Json[]).map(
    ({ severity, code }) => `${severity} ${code}`,
  )
const cli = (...args: string[]) => runTurnpike([...args, '--data', turnpike.data])

test('the draft alone has no errors; with the stage it has', async () => {
  assert.deepEqual(await lint(), ['warning unused-path-variable'])
  assert.deepEqual(await lint('?stage=live'), ['error unset-stage-variable', 'warning unused-path-variable'])
})

test('the command line tells them, and fails where there are errors', async () => {
  const draft = await cli('lint', 'pets')
  assert.equal(draft.code, 0)
  assert.match(draft.stdout, /^warning {2}GET \/pets\/\{id\}: The backend path does not use \{id\}/)
  const stage = await cli('lint', 'pets/live')
  assert.equal(stage.code, 1)
  assert.match(stage.stdout, /^error {4}GET \/pets\/\{id\}: The stage does not set the variable "base"/)
  assert.match(stage.stderr, /an error that stops a deployment/)
})

test('errors stop a deployment, each told once; warnings do not', async () => {
  const { status, body } = await turnpike.api('POST', '/services/pets/stages/live/deployments', {})
  assert.equal(status, 422)
  assert.deepEqual(
    (body.errors as unknown as Json[]).map(({ path }) => path),
    ['/backend/path'],
  )
  await call(turnpike, 'PATCH', '/services/pets/stages/live', { variables: { base: 'v1' } })
  assert.equal((await turnpike.api('POST', '/services/pets/stages/live/deployments', {})).status, 201)
})

test('the draft is looked at as the stage would run it, before it is applied', async () => {
  await call(turnpike, 'PATCH', '/services/pets/stages/live', { variables: { base: 'v1' } })
  await call(turnpike, 'POST', '/services/pets/stages/live/apply')
  const tree = (await call(turnpike, 'GET', '/services/pets/resources')).items as unknown as Json[]
  const method = tree.find(({ path }) => String(path) === '/pets/{id}')?.methods?.[0]
  await call(turnpike, 'PATCH', `/services/pets/methods/${method?.id}`, {
    backend: { kind: 'http', path: '/${stage.variable.other}/{id}' },
  })
  assert.deepEqual(await lint('?stage=live'), ['warning unused-path-variable'])
  assert.ok((await lint('?stage=live&apply=true')).includes('error unset-stage-variable'))
})
