import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { rawRequest } from '../support/raw.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Where stages are reached: host names, domains of their own, and paths of the base domain. */

let turnpike: Turnpike
let backend: Server
let lastName = 0
before(async () => {
  backend = createServer((request, answer) => {
    answer.end(`${request.url} ${request.headers['x-forwarded-prefix'] ?? '-'}`)
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--workers', '1', '--node-name', 'node-1'] })
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

async function get(host: string, target: string, fields = ''): Promise<string> {
  const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${fields}Connection: close\r\n\r\n`
  const text = await rawRequest(turnpike.gatewayPort, head)
  const status = text.slice(9, 12)
  return status === '200' ? text.slice(text.indexOf('\r\n\r\n') + 4) : status
}

const paths = { '/a': {}, '/a/{rest+}': {}, '/': {} }
const nextName = () => `addr${++lastName}`

/** A deployed service; what it has beside a name and a backend is `stage`. */
async function newService(stage: object): Promise<{ name: string; stage: string }> {
  const name = nextName()
  const { port } = backend.address() as AddressInfo
  await deployDesign(turnpike, name, paths, { backend: { targets: [{ url: `http://127.0.0.1:${port}` }] }, ...stage })
  return { name, stage: `/services/${name}/stages/live` }
}

async function refusal(method: string, path: string, body?: unknown): Promise<string> {
  const { status, body: problem } = await turnpike.api(method, path, body)
  return `${status} ${JSON.stringify(problem)}`
}

test('a stage is served under its domains, whatever the case of the name', async () => {
  const { name } = await newService({ domains: ['api.one.example', 'api.two.example'] })
  for (const host of ['api.one.example', 'API.Two.Example:8080', `${name}.localhost`])
    assert.equal(await get(host, '/a'), '/a -', host)
  assert.equal(await get('one.example', '/a'), '404')
})

describe('path prefixes', () => {
  const cases: [title: string, target: string, seen: string][] = [
    ['the path behind it is what routes match', '/shop/a', '/a /shop'],
    ['variables are found behind it', '/shop/a/b/c', '/a/b/c /shop'],
    ['the prefix alone is the root', '/shop', '/ /shop'],
    ['so it is with a slash', '/shop/', '/ /shop'],
    ['a query is kept', '/shop/a?x=/shop', '/a?x=/shop /shop'],
    ['it ends with a segment', '/shopping/a', '404'],
    ['the longest one counts', '/shop/admin/a', '/a /shop/admin'],
    ['dots do not lead out of it', '/shop/../a', '404'],
    ['dots may lead into it', '/x/../shop/a', '/a /shop'],
    ['an escaped letter is the letter', '/%73hop/a', '/a /shop'],
    ['nothing else is served there', '/a', '404'],
  ]
  before(async () => {
    await newService({ pathPrefix: '/shop' })
    await newService({ pathPrefix: '/shop/admin' })
  })
  for (const [title, target, seen] of cases)
    test(`${title}: ${target}`, async () => {
      assert.equal(await get('localhost', target), seen)
    })

  test('a client cannot name one of its own', async () => {
    const { name } = await newService({})
    assert.equal(await get(`${name}.localhost`, '/a', 'X-Forwarded-Prefix: /evil\r\n'), '/a -')
    assert.equal(await get('localhost', '/shop/a', 'X-Forwarded-Prefix: /evil\r\n'), '/a /shop')
  })
})

test('a slash at the end is another path, or none where the stage says so', async () => {
  const { name, stage } = await newService({})
  assert.equal(await get(`${name}.localhost`, '/a/'), '404')
  await call(turnpike, 'PATCH', stage, { trailingSlash: 'ignore' })
  assert.equal(await get(`${name}.localhost`, '/a/'), '404', 'not before it is deployed')
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  assert.equal(await get(`${name}.localhost`, '/a/'), '/a -')
  assert.equal(await get(`${name}.localhost`, '/'), '/ -')
  const { items } = await call(turnpike, 'GET', `${stage}/deployments/compare?from=1&to=2`)
  assert.match(JSON.stringify(items), /trailing ?slash/i)
})

describe('what is refused', () => {
  const invalid: [title: string, stage: object, reason: RegExp][] = [
    ['a domain in upper case', { domains: ['API.example.com'] }, /400 .*domains\/0/],
    ['a domain of one label', { domains: ['api'] }, /400 .*domains\/0/],
    ['a domain with a port', { domains: ['api.example.com:80'] }, /400 .*domains\/0/],
    ['an address', { domains: ['10.0.0.1'] }, /422 .*"10.0.0.1\\" is an address/],
    ['a domain twice', { domains: ['x.example', 'x.example'] }, /422 .*domains\/1.*is there twice/],
    ['a domain below the base domain', { domains: ['x.localhost'] }, /422 .*within the base domain localhost/],
    ['a prefix without a slash', { pathPrefix: 'shop' }, /400 .*pathPrefix/],
    ['a prefix with a variable', { pathPrefix: '/{tenant}' }, /422 .*pathPrefix.*has a variable/],
    ['a prefix with dots', { pathPrefix: '/a/../b' }, /422 .*pathPrefix/],
    ['a prefix that ends with a slash', { pathPrefix: '/a/' }, /422 .*pathPrefix/],
  ]
  for (const [title, stage, reason] of invalid)
    test(title, async () => {
      const name = nextName()
      await call(turnpike, 'POST', '/services', { name })
      assert.match(await refusal('POST', `/services/${name}/stages`, { name: 'live', ...stage }), reason)
    })

  test('what belongs to another stage, which is named', async () => {
    const taken = await newService({ domains: ['taken.example'], pathPrefix: '/taken' })
    const other = await newService({})
    for (const changes of [{ domains: ['free.example', 'taken.example'] }, { pathPrefix: '/taken' }])
      assert.match(
        await refusal('PATCH', other.stage, changes),
        new RegExp(`409 .*"${taken.name}/live`.replace('"', '\\\\"')),
      )
    const { domains, pathPrefix } = await call(turnpike, 'GET', other.stage)
    assert.deepEqual([domains, pathPrefix], [[], null])
  })

  test('a host name that another service and stage come to as well', async () => {
    const { name } = await newService({})
    await call(turnpike, 'POST', `/services/${name}/stages`, { name: 'test' })
    const rival = `${name}-test`
    await call(turnpike, 'POST', '/services', { name: rival })
    assert.match(
      await refusal('POST', `/services/${rival}/stages`, { name: 'live', isDefault: true }),
      new RegExp(`409 .*${rival}.*${name}/test`),
    )
  })

  test('a domain that was given away but is still live elsewhere, until that is deployed', async () => {
    const first = await newService({ domains: ['moves.example'] })
    const second = await newService({})
    await call(turnpike, 'PATCH', first.stage, { domains: [] })
    await call(turnpike, 'PATCH', second.stage, { domains: ['moves.example'] })
    assert.match(await refusal('POST', `${second.stage}/deployments`, {}), /409 .*moves.example.*still leads to/)
    await call(turnpike, 'POST', `${first.stage}/deployments`, {})
    assert.equal(await get('moves.example', '/a'), '404')
    await call(turnpike, 'POST', `${second.stage}/deployments`, {})
    assert.equal(await get('moves.example', '/a'), '/a -')
    // Neither going back nor restoring takes it away from where it is now.
    assert.match(await refusal('POST', `${first.stage}/deployments/1/roll-back`), /409 .*moves.example.*still leads to/)
    assert.match(await refusal('POST', `${first.stage}/deployments/1/restore`), /409 .*moves.example.*belongs to/)
    assert.equal(await get('moves.example', '/a'), '/a -')
  })
})

test('the host of a default stage follows it, and going back does not take it from the next one', async () => {
  const { name, stage } = await newService({})
  const { port } = backend.address() as AddressInfo
  const next = `/services/${name}/stages/next`
  const targets = [{ url: `http://127.0.0.1:${port}` }]
  await call(turnpike, 'POST', `/services/${name}/stages`, { name: 'next', backend: { targets } })
  await call(turnpike, 'PATCH', stage, { isDefault: false })
  await call(turnpike, 'PATCH', next, { isDefault: true })
  assert.match(await refusal('POST', `${next}/deployments`, {}), /409 .*still leads to/)
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  await call(turnpike, 'POST', `${next}/deployments`, {})
  assert.match(await refusal('POST', `${stage}/deployments/1/roll-back`), /409 .*still leads to/)
  assert.equal(await get(`${name}.localhost`, '/a'), '/a -')
})

test('a deployment says how it stands on each node', async () => {
  const { stage } = await newService({ domains: ['nodes.example'] })
  const { nodes } = await call(turnpike, 'GET', `${stage}/deployments/1`)
  const [node] = nodes as unknown as Record<string, unknown>[]
  const status = await call(turnpike, 'GET', '/status')
  assert.deepEqual(
    [node?.nodeName, node?.state, node?.failure, node?.nodeId],
    ['node-1', 'active', null, (status.nodes as unknown as { id: string }[])[0]?.id],
  )
})

test('the copy of a service has neither domains nor prefix', async () => {
  const { name } = await newService({ domains: ['original.example'], pathPrefix: '/original' })
  const copy = nextName()
  await call(turnpike, 'POST', `/services/${name}/copy`, { name: copy, withStages: true })
  const { domains, pathPrefix } = await call(turnpike, 'GET', `/services/${copy}/stages/live`)
  assert.deepEqual([domains, pathPrefix], [[], null])
})
