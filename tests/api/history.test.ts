import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { secretKey } from '../../src/design/declarative/arbitrary-plugins.ts'
import { arbitrarySetup } from '../../src/design/declarative/arbitrary-setup.ts'
import { call } from '../support/design.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** What a deployment holds comes back whole, whatever it is: by rolling back at once, by restoring into the stage. */

const RUNS = 12
const STAGE = '/services/history/stages/live'
let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({
    args: ['--workers', '1', '--unix-backends', '/run'],
    env: { TURNPIKE_SECRET_KEY: secretKey.toString('base64') },
  })
})
after(() => turnpike.stop())

/** Any service as the one that is deployed again and again: with a stage that can be deployed. */
const services = arbitrarySetup.map((setup) => {
  const [any = { design: {}, policies: { tenants: { key: { in: 'header', name: 'x-tenant' } } } }] = Object.values(
    (setup.services ?? {}) as Record<string, { design: object; policies: object; stages?: Json }>,
  )
  const live: Record<string, unknown> = { ...any.stages?.live, isDefault: true }
  const backend = { targets: [{ url: 'http://127.0.0.1:9' }] }
  // The deployments that are gone back to must be kept.
  const keepDeployments = 10
  return { ...any, stages: { live: { ...live, backend: live.backend ?? backend, keepDeployments } } }
})

async function deploy(service: object): Promise<number> {
  const document = { turnpike: 1, services: { history: service } }
  await call(turnpike, 'POST', '/declarative/apply', { document, prune: true })
  const { number } = await call(turnpike, 'POST', `${STAGE}/deployments`, { apply: true })
  return Number(number)
}

/** What is live: of the data plane its hash, and all that the deployment was made of. */
async function live() {
  const { nodes } = await call(turnpike, 'GET', '/status')
  const snapshots = (nodes as unknown as { snapshots: { service: string; hash: string }[] }[])[0]?.snapshots
  return snapshots?.find(({ service }) => service === 'history')?.hash
}

const exported = async () =>
  (await call(turnpike, 'GET', '/declarative?service=history')) as unknown as { services: Json }
/** What of a stage is part of its deployments. */
const stageOf = (setup: { services: Json }) => {
  const {
    description: _,
    keepDeployments: __,
    publicDocument: ___,
    alerts: ____,
    ...deployed
  } = { ...setup.services.history?.stages?.live }
  return deployed
}
const snapshot = (number: number) => call(turnpike, 'GET', `${STAGE}/deployments/${number}/snapshot`)

test('roll-back is the inverse of a deployment, and a stage that is restored has no changes', async () => {
  for (const [first, other] of fc.sample(fc.tuple(services, services), RUNS)) {
    // Restriction policies are the service's, which other stages use too: restoring a stage leaves them as they are.
    const second = { ...other, policies: first.policies }
    const number = await deploy(first)
    const [wasLive, was, frozen] = [await live(), await exported(), await snapshot(number)]
    const next = await deploy(second)
    const draft = await exported()

    await call(turnpike, 'POST', `${STAGE}/deployments/${number}/roll-back`)
    assert.equal(await live(), wasLive)
    assert.deepEqual(await snapshot(number), frozen)
    assert.deepEqual(await exported(), draft, 'a roll-back has changed draft or stage')

    await call(turnpike, 'POST', `${STAGE}/deployments/${number}/restore`)
    assert.deepEqual(
      (await call(turnpike, 'GET', `${STAGE}/changes`)).live,
      [],
      'a restored stage differs from what is live',
    )
    const restored = await exported()
    assert.deepEqual(stageOf(restored), stageOf(was))
    assert.deepEqual(
      restored.services.history?.design,
      draft.services.history?.design,
      'restoring has changed the draft',
    )

    // Deploying the restored stage gives the very same snapshot again.
    const { hash } = await call(turnpike, 'POST', `${STAGE}/deployments`, {})
    assert.equal(hash, wasLive)
    assert.notEqual(next, number)
  }
})
