import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { rawRequest } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The life of a stage: draft, revision, deployment, and back; through the management API and the gateway. */

let turnpike: Turnpike
let lastName = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
const refused = async (method: string, path: string, body?: unknown) => {
  const { status, body: problem } = await turnpike.api(method, path, body)
  return `${status} ${JSON.stringify(problem)}`
}

/** A service whose GET /a answers "1", not applied to its stage yet. */
async function newService() {
  const name = `s${++lastName}`
  await call('POST', '/services', { name })
  const { id } = await call('POST', `/services/${name}/resources`, { path: '/a' })
  const method = await call('POST', `/services/${name}/resources/${id}/methods`, { verb: 'GET', backend: mock('1') })
  await call('POST', `/services/${name}/stages`, { name: 'live', isDefault: true })
  const stage = `/services/${name}/stages/live`
  return {
    name,
    stage,
    resource: `/services/${name}/resources/${id}`,
    method: `/services/${name}/methods/${method.id}`,
    deploy: (options: object = {}) => call('POST', `${stage}/deployments`, options),
    answer: async () => {
      const text = await rawRequest(
        turnpike.gatewayPort,
        `GET /a HTTP/1.1\r\nHost: ${name}.localhost\r\nConnection: close\r\n\r\n`,
      )
      return text.slice(text.indexOf('\r\n\r\n') + 4)
    },
    header: async (header: string) => {
      const text = await rawRequest(
        turnpike.gatewayPort,
        `GET /a HTTP/1.1\r\nHost: ${name}.localhost\r\nConnection: close\r\n\r\n`,
      )
      return new RegExp(`^${header}: `, 'im').test(text)
    },
  }
}
const mock = (body: string) => ({ kind: 'mock', body })
const texts = (changes: Json | undefined) => (changes as unknown as { text: string }[]).map(({ text }) => text)

describe('draft, stage and live', () => {
  test('the first deployment applies the draft; after that it waits to be applied', async () => {
    const { stage, method, deploy, answer } = await newService()
    await deploy()
    assert.equal(await answer(), '1')
    await call('PATCH', method, { backend: mock('2') })
    await deploy()
    assert.equal(await answer(), '1')
    const { revision, dropped } = await call('POST', `${stage}/apply`)
    assert.equal(revision?.number, 2)
    assert.deepEqual(dropped, [])
    assert.equal(await answer(), '1')
    await deploy()
    assert.equal(await answer(), '2')
    await call('PATCH', method, { backend: mock('3') })
    await deploy({ apply: true })
    assert.equal(await answer(), '3')
  })

  test('what is different is shown at each step', async () => {
    const { stage, method, deploy } = await newService()
    assert.equal((await call('GET', `${stage}/changes`)).live, null)
    await deploy()
    const none = await call('GET', `${stage}/changes`)
    assert.deepEqual([none.draft, none.live], [[], []])
    await call('PATCH', method, { backend: mock('2') })
    const draft = await call('GET', `${stage}/changes`)
    assert.deepEqual([texts(draft.draft), draft.live], [['GET /a: backend › body is "2" instead of "1"'], []])
    const withDraft = await call('GET', `${stage}/changes?apply=true`)
    assert.deepEqual(texts(withDraft.live), ['GET /a: backend › body is "2" instead of "1"'])
    await call('POST', `${stage}/apply`)
    const applied = await call('GET', `${stage}/changes`)
    assert.deepEqual([applied.draft, texts(applied.live)], [[], ['GET /a: backend › body is "2" instead of "1"']])
  })

  test('equal designs are one revision', async () => {
    const { stage, method } = await newService()
    const first = (await call('POST', `${stage}/apply`)).revision
    await call('PATCH', method, { backend: mock('2') })
    const second = (await call('POST', `${stage}/apply`)).revision
    await call('PATCH', method, { backend: mock('1') })
    const third = (await call('POST', `${stage}/apply`)).revision
    assert.equal(third?.id, first?.id)
    assert.notEqual(second?.id, first?.id)
  })
})

describe('history', () => {
  test('any two deployments can be compared', async () => {
    const { stage, method, deploy } = await newService()
    await deploy()
    await call('PATCH', method, { backend: mock('2') })
    await call('PATCH', stage, { variables: { a: '1' } })
    await deploy({ apply: true })
    const { items } = await call('GET', `${stage}/deployments/compare?from=1&to=2`)
    assert.deepEqual(texts(items), [
      'stage: variables › a is added: "1"',
      'GET /a: backend › body is "2" instead of "1"',
    ])
    assert.match(await refused('GET', `${stage}/deployments/compare?from=1&to=9`), /^404 .*#9/)
  })

  test('rolled back, the old one is live at once, and the stage stays as it is', async () => {
    const { stage, method, deploy, answer } = await newService()
    await deploy()
    await call('PATCH', method, { backend: mock('2') })
    await deploy({ apply: true })
    const was = await call('GET', stage)
    const deployment = await call('POST', `${stage}/deployments/1/roll-back`)
    assert.equal(deployment.number, 1)
    assert.equal(await answer(), '1')
    const { deploymentId, version, ...is } = await call('GET', stage)
    assert.deepEqual({ ...is, deploymentId: was.deploymentId, version: was.version }, was)
    assert.equal(version, Number(was.version) + 1)
    assert.equal(deploymentId, deployment.id)
    assert.deepEqual(texts((await call('GET', `${stage}/changes`)).live), [
      'GET /a: backend › body is "2" instead of "1"',
    ])
    // And it stays so, whatever happens to the program.
    await turnpike.kill()
    turnpike = await turnpike.again()
    assert.equal(await answer(), '1')
  })

  test('restored, the stage is what it was, and what is live stays', async () => {
    const { stage, method, deploy, answer } = await newService()
    await call('PATCH', stage, { variables: { a: '1' }, plugins: [{ plugin: 'request-id', config: {} }] })
    await deploy()
    const was = await call('GET', stage)
    await call('PATCH', method, { backend: mock('2') })
    await call('PATCH', stage, {
      variables: {},
      plugins: [],
      backend: { targets: [{ url: 'http://127.0.0.1:9', weight: 1 }] },
    })
    await deploy({ apply: true })
    const restored = await call('POST', `${stage}/deployments/1/restore`)
    for (const field of ['variables', 'plugins', 'backend', 'overlay', 'revisionId'])
      assert.deepEqual(restored[field], was[field], field)
    assert.equal(await answer(), '2')
    await deploy()
    assert.equal(await answer(), '1')
    const { items } = await call('GET', `${stage}/deployments/compare?from=1&to=3`)
    assert.deepEqual(items, [])
    const hashes = ((await call('GET', `${stage}/deployments`)).items as unknown as Json[]).map(({ hash }) => hash)
    assert.equal(hashes[0], hashes[2])
  })

  test('the live one and the base cannot be deleted, the others can', async () => {
    const { stage, deploy } = await newService()
    for (let i = 0; i < 3; i++) await deploy()
    await call('POST', `${stage}/deployments/1/roll-back`)
    assert.match(await refused('DELETE', `${stage}/deployments/1`), /^409 .*is live/)
    assert.match(await refused('DELETE', `${stage}/deployments/3`), /^409 .*based on/)
    await call('DELETE', `${stage}/deployments/2`)
    assert.match(await refused('GET', `${stage}/deployments/2`), /^404/)
    assert.match(await refused('POST', `${stage}/deployments/2/roll-back`), /^404/)
  })

  test('only as many are kept as the stage says, and always the live one', async () => {
    const { stage, deploy } = await newService()
    await deploy()
    await call('PATCH', stage, { keepDeployments: 2 })
    for (let i = 0; i < 3; i++) await deploy()
    const numbers = async () =>
      ((await call('GET', `${stage}/deployments`)).items as unknown as { number: number }[]).map(({ number }) => number)
    assert.deepEqual(await numbers(), [4, 3])
    await call('POST', `${stage}/deployments/3/roll-back`)
    await deploy()
    await deploy()
    assert.deepEqual(await numbers(), [6, 5])
  })
})

describe('overlay', () => {
  const requestId = (header: string) => ({ plugin: 'request-id', config: { header } })

  test('wins over the design, switches off, and shows where each comes from', async () => {
    const { stage, method, resource, deploy, header } = await newService()
    await call('PATCH', resource, { plugins: [requestId('x-design')] })
    await deploy({ apply: true })
    assert.ok(await header('x-design'))
    await call('PATCH', stage, {
      overlay: [{ path: '/a', verb: null, plugins: [requestId('x-stage')], backend: null }],
    })
    await deploy()
    assert.ok((await header('x-stage')) && !(await header('x-design')))
    const onStage = await call('GET', `${method}/effective?stage=live`)
    assert.deepEqual(onStage.plugins?.[0]?.origin, { layer: 'stage', path: '/a', verb: null })
    const inDraft = await call('GET', `${method}/effective`)
    assert.deepEqual(inDraft.plugins?.[0]?.origin, { layer: 'design', path: '/a', verb: null })
    // A path has what its methods inherit.
    assert.deepEqual(await call('GET', `${resource}/effective?stage=live`), onStage)
    assert.deepEqual(await call('GET', `${resource}/effective`), inDraft)
    await call('PATCH', method, { plugins: [{ plugin: 'request-id', off: true }] })
    assert.deepEqual((await call('GET', `${method}/effective`)).plugins, [])
    assert.deepEqual(await call('GET', `${resource}/effective`), inDraft)
    await call('PATCH', method, { plugins: [] })

    await call('PATCH', stage, {
      overlay: [{ path: '/a', verb: 'GET', plugins: [{ plugin: 'request-id', off: true }], backend: null }],
    })
    await deploy()
    assert.ok(!(await header('x-stage')) && !(await header('x-design')))
  })

  test('what is wrong with it is refused, all at once', async () => {
    const { stage } = await newService()
    const problem = await refused('PATCH', stage, {
      overlay: [
        { path: '/nowhere', verb: null },
        { path: '/a', verb: 'POST' },
        { path: '/a', verb: 'GET', plugins: [{ plugin: 'nothing' }] },
        { path: '/a', verb: 'GET', backend: { targets: [{ url: 'http://169.254.169.254', weight: 1 }] } },
      ],
    })
    for (const told of [
      /^422/,
      /"\/nowhere\\" is not in the design/,
      /"POST \/a\\" is not in the design/,
      /\/overlay\/2\/plugins\/0\/plugin/,
      /"GET \/a\\" is in the overlay twice/,
      /\/overlay\/3\/backend\/targets\/0\/url/,
    ])
      assert.match(problem, told)
  })

  test('of a node that is gone is dropped when the draft is applied, and that is said', async () => {
    const { stage, method, deploy } = await newService()
    await deploy()
    await call('PATCH', stage, {
      overlay: [
        { path: '/a', verb: null, plugins: [requestId('x-kept')] },
        { path: '/a', verb: 'GET', plugins: [requestId('x-dropped')] },
      ],
    })
    await call('DELETE', method)
    const applied = await call('POST', `${stage}/apply`)
    assert.deepEqual(
      (applied.dropped as unknown as Json[]).map(({ path, verb }) => `${verb} ${path}`),
      ['GET /a'],
    )
    assert.equal(applied.stage?.overlay?.length, 1)
  })
})
