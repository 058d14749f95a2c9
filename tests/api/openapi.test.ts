import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { largeDocument } from '../support/large-document.ts'
import { type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** OpenAPI documents in and out, through the real program. */

const TRAVEL = readFileSync(join(import.meta.dirname, '../../examples/travel.yaml'), 'utf8')
let turnpike: Turnpike
let site: Server
let siteUrl = ''
/** What the site answers, by path. */
const pages = new Map<string, { status?: number; headers?: Record<string, string>; body: string }>()
before(async () => {
  site = createServer((request, answer) => {
    const { status = 200, headers = {}, body } = pages.get(request.url ?? '') ?? { status: 404, body: '' }
    answer.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(async () => {
  await turnpike.stop()
  site.close()
})

const importInto = (service: string, given: object) => call(turnpike, 'POST', '/imports', { service, ...given })
const document = (paths: object, parts: object = {}) =>
  JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, ...parts })
const names = (changes: Json | undefined) =>
  (changes as unknown as { action: string; name: string }[]).map(({ action, name }) => `${action} ${name}`)

describe('an import', () => {
  test('says what it does, and what it cannot carry', async () => {
    const { plan, changes, notes } = await importInto('travel', { document: TRAVEL, dryRun: true })
    assert.equal(plan?.createdMethods, 7)
    assert.ok(names(changes).includes('create GET /stations'))
    const [webhooks] = notes as unknown as { kind: string; line: number; remedy: string }[]
    assert.equal(webhooks?.kind, 'webhooks')
    assert.match(TRAVEL.split('\n')[(webhooks?.line ?? 0) - 1] ?? '', /^webhooks:/)
    assert.equal((await turnpike.api('GET', '/services/travel')).status, 404)
  })

  test('merges or replaces', async () => {
    await importInto('modes', {
      document: document({ '/a': { get: {} }, '/b': { get: {} } }, { components: { schemas: { M: {} } } }),
    })
    const next = document({ '/b': { get: { summary: 'B' }, put: {} }, '/c/{x}': { get: {} } })
    const merged = await importInto('modes', { document: next, dryRun: true })
    assert.deepEqual(names(merged.changes), [
      'create /c',
      'create /c/{x}',
      'create GET /c/{x}',
      'update GET /b',
      'create PUT /b',
    ])
    const replaced = await importInto('modes', { document: next, mode: 'replace' })
    assert.deepEqual(names(replaced.changes), [
      'create /c',
      'create /c/{x}',
      'create GET /c/{x}',
      'remove /a',
      'remove GET /a',
      'update GET /b',
      'create PUT /b',
      'remove M',
    ])
    assert.deepEqual((await importInto('modes', { document: next, mode: 'replace' })).changes, [])
  })

  test('takes the names that variables have already', async () => {
    await importInto('names', { document: document({ '/a/{x}': { get: {} } }) })
    const parameters = [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }]
    const backend = { kind: 'http', path: '/old/${request.path.id}' }
    await importInto('names', {
      document: document({ '/a/{id}/b': { get: { parameters, 'x-turnpike': { backend } } } }),
    })
    const { items } = await call(turnpike, 'GET', '/services/names/resources?limit=100')
    const paths = items as unknown as { path: string; methods: { id: string }[] }[]
    const found = paths.find(({ path }) => path === '/a/{x}/b')
    const method = await call(turnpike, 'GET', `/services/names/methods/${found?.methods[0]?.id}`)
    assert.equal(method.backend?.path, '/old/${request.path.x}')
    assert.equal((method.parameters as unknown as { name: string }[])[0]?.name, 'x')
  })

  test('keeps backends and plugins that the document does not speak of', async () => {
    const plugins = [{ plugin: 'request-id' }]
    const backend = { kind: 'mock', body: 'x' }
    await deployDesign(turnpike, 'keeps', { '/a': { methods: { GET: { backend, plugins } } } })
    const { plan } = await importInto('keeps', { document: document({ '/a': { get: { summary: 'A' } } }) })
    assert.equal(plan?.updatedMethods, 1)
    const exported = await call(turnpike, 'GET', '/services/keeps/openapi')
    const own = (exported as unknown as { paths: Record<string, { get: { summary: string; 'x-turnpike': Json } }> })
      .paths['/a']?.get
    assert.equal(own?.summary, 'A')
    assert.equal(own?.['x-turnpike'].backend?.body, 'x')
    assert.equal(JSON.stringify(own?.['x-turnpike'].plugins).includes('request-id'), true)
  })

  test('tells of paths that are one, and keeps the first', async () => {
    const { plan, notes } = await importInto('one', {
      document: document({ '/a/{b}': { get: { summary: 'first' } }, '/a/{c}': { get: {}, put: {} } }),
    })
    assert.equal(plan?.createdMethods, 2)
    const told = (notes as unknown as { kind: string; what: string }[]).find(({ kind }) => kind === 'collapsedPath')
    assert.match(told?.what ?? '', /GET "\/a\/\{c\}", beside "\/a\/\{b\}"/)
  })

  test('is refused for plugins with settings that are wrong, with the line', async () => {
    const plugins = [{ plugin: 'timeout', config: { connect: -1 } }]
    const { status, body } = await turnpike.api('POST', '/imports', {
      service: 'wrong',
      document: JSON.stringify(JSON.parse(document({ '/a': { get: { 'x-turnpike': { plugins } } } })), null, 1),
    })
    assert.equal(status, 422)
    assert.match(JSON.stringify(body.errors), /Line 9: .*connect/)
  })
})

describe('an import from a URL', () => {
  test('follows redirects', async () => {
    pages.set('/moved', { status: 302, headers: { location: '/openapi.json' }, body: '' })
    pages.set('/openapi.json', { body: document({ '/fetched': { get: {} } }) })
    const { changes } = await importInto('fetched', { url: `${siteUrl}/moved` })
    assert.ok(names(changes).includes('create GET /fetched'))
  })

  const refused: [title: string, url: () => string, told: RegExp][] = [
    ['that is not there', () => `${siteUrl}/none`, /answered 404/],
    ['of a metadata service', () => 'http://169.254.169.254/latest/meta-data', /link-local or metadata/],
    ['of a metadata service in another notation', () => 'http://0xa9fea9fe/', /link-local or metadata/],
    ['of a metadata service as IPv6', () => 'http://[::ffff:169.254.169.254]/', /link-local or metadata/],
    ['that leads to one', () => `${siteUrl}/evil`, /link-local or metadata/],
    ['that leads to another protocol', () => `${siteUrl}/file`, /is not an HTTP or HTTPS URL/],
    ['that never ends', () => `${siteUrl}/loop`, /redirects more than 5 times/],
    ['with a password', () => 'http://a:b@example.com/', /user name or a password/],
    ['that is no document', () => `${siteUrl}/page`, /not an OpenAPI document|not well-formed/],
  ]
  before(() => {
    pages.set('/evil', { status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' })
    pages.set('/file', { status: 302, headers: { location: 'file:///etc/passwd' }, body: '' })
    pages.set('/loop', { status: 302, headers: { location: '/loop' }, body: '' })
    pages.set('/page', { body: '<html>' })
  })
  for (const [title, url, told] of refused)
    test(`is refused for one ${title}`, async () => {
      const { status, body } = await turnpike.api('POST', '/imports', { service: 'refused', url: url() })
      assert.equal(status, 422)
      assert.match(String(body.detail), told)
    })

  test('is refused beside a document', async () => {
    const { status } = await turnpike.api('POST', '/imports', { service: 'both', url: siteUrl, document: '{}' })
    assert.equal(status, 422)
  })
})

describe('an export', () => {
  const formats = ['openapi-3.1', 'swagger-2.0']
  for (const format of formats)
    test(`as ${format} imports as the same design, into the same service and a new one`, async () => {
      const name = `round-${format.slice(0, 4)}`
      await importInto(name, { document: TRAVEL })
      const { id } =
        (
          (await call(turnpike, 'GET', `/services/${name}/resources?limit=1000`)).items as unknown as {
            id: string
            path: string
          }[]
        ).find(({ path }) => path === '/trips') ?? {}
      await call(turnpike, 'PATCH', `/services/${name}/resources/${id}`, {
        plugins: [{ plugin: 'cors', config: { origins: ['https://a.example'] }, when: 'request.method == "GET"' }],
      })
      await call(turnpike, 'PUT', `/services/${name}/gateway-responses/not-found`, { status: 410 })
      const exported = await call(turnpike, 'GET', `/services/${name}/openapi?format=${format}`)
      const text = JSON.stringify(exported)
      assert.deepEqual((await importInto(name, { document: text, mode: 'replace' })).changes, [])
      await importInto(`${name}-copy`, { document: text })
      const copied = await call(turnpike, 'GET', `/services/${name}-copy/openapi?format=${format}`)
      assert.deepEqual({ ...copied, info: null }, { ...exported, info: null })
    })

  test('from the command line, in YAML and JSON', async () => {
    await importInto('printed', { document: document({ '/a': { get: {} } }) })
    const yaml = await runTurnpike(['openapi', 'printed', '--data', turnpike.data])
    assert.match(yaml.stdout, /^openapi: 3\.1\.0\ninfo:\n {2}title: printed\n/)
    const again = await runTurnpike(
      ['import', '-', '--service', 'printed', '--mode', 'replace', '--data', turnpike.data],
      { input: yaml.stdout },
    )
    assert.match(again.stdout, /^Imported into printed: 1 methods unchanged\./)
    const json = await runTurnpike(['openapi', 'printed', '--format', 'swagger-2.0', '--json', '--data', turnpike.data])
    assert.equal((JSON.parse(json.stdout) as Json).swagger, '2.0')
  })
})

describe('the API document of a stage', () => {
  test('says what is live, and nothing of backends and plugins', async () => {
    const plugins = [{ plugin: 'request-id' }]
    await deployDesign(
      turnpike,
      'shown',
      { '/a/{id}': { methods: { GET: { name: 'live', plugins, backend: { kind: 'mock', body: 'secret' } } } } },
      { domains: ['shown.example'] },
    )
    const before = await call(turnpike, 'GET', '/services/shown/stages/live/openapi')
    assert.equal(JSON.stringify(before).match(/secret|plugin|mock|x-turnpike"/), null)
    assert.deepEqual(before.servers, [
      { url: `http://shown.example:${turnpike.gatewayPort}` },
      { url: `http://shown.localhost:${turnpike.gatewayPort}` },
      { url: `http://shown-live.localhost:${turnpike.gatewayPort}` },
    ])
    assert.equal(before.info?.version, '1')
    await importInto('shown', { document: document({ '/b': { get: {} } }) })
    assert.deepEqual(await call(turnpike, 'GET', '/services/shown/stages/live/openapi'), before)
  })

  const schemes: [https: string, scheme: string, port: () => number][] = [
    ['optional', 'http', () => turnpike.gatewayPort],
    ['redirect', 'https', () => turnpike.tlsPort],
    ['required', 'https', () => turnpike.tlsPort],
  ]
  for (const [https, scheme, port] of schemes)
    test(`names ${scheme} addresses where HTTPS is ${https}`, async () => {
      const stage = { https, domains: [`${https}.example`], pathPrefix: `/${https}` }
      await deployDesign(turnpike, https, { '/a': { methods: { GET: { backend: { kind: 'mock' } } } } }, stage)
      const { servers } = await call(turnpike, 'GET', `/services/${https}/stages/live/openapi`)
      const hosts = [`${https}.example`, `${https}.localhost`, `${https}-live.localhost`]
      assert.deepEqual(servers, [
        ...hosts.map((host) => ({ url: `${scheme}://${host}:${port()}` })),
        { url: `${scheme}://localhost:${port()}/${https}` },
      ])
    })

  test('says which API key is wanted', async () => {
    const plugins = [{ plugin: 'key-auth', config: { header: 'x-shop-key' } }]
    await deployDesign(turnpike, 'keyed', { '/a': { methods: { GET: { backend: { kind: 'mock' } } } } }, { plugins })
    const { components, paths } = await call(turnpike, 'GET', '/services/keyed/stages/live/openapi')
    assert.deepEqual(components, {
      securitySchemes: { 'header-x-shop-key': { type: 'apiKey', in: 'header', name: 'x-shop-key' } },
    })
    assert.deepEqual(paths?.['/a']?.get?.security, [{ 'header-x-shop-key': [] }])
  })

  test('is private until it is made public', async () => {
    await deployDesign(turnpike, 'public', { '/a': {} }, { backend: { targets: [{ url: 'http://127.0.0.1:9' }] } })
    const url = `http://127.0.0.1:${turnpike.managementPort}/api/v1/documents/public/live`
    assert.equal((await fetch(url)).status, 404)
    await call(turnpike, 'PATCH', '/services/public/stages/live', { publicDocument: true })
    const answer = await fetch(url)
    assert.equal(answer.status, 200)
    assert.deepEqual(await answer.json(), await call(turnpike, 'GET', '/services/public/stages/live/openapi'))
    await call(turnpike, 'PATCH', '/services/public/stages/live', { publicDocument: false })
    assert.equal((await fetch(url)).status, 404)
  })

  test('is not there before anything is live', async () => {
    await call(turnpike, 'POST', '/services', { name: 'unborn' })
    await call(turnpike, 'POST', '/services/unborn/stages', { name: 'live' })
    assert.equal((await turnpike.api('GET', '/services/unborn/stages/live/openapi')).status, 404)
  })
})

/** What one of the others may wait for, of the time that the import takes: a loaded machine makes both longer. */
const LARGEST_SHARE = 0.5
/** Far fewer than there are, and far more than the two or three that an import leaves time for which holds the process up. */
const FEWEST_ANSWERS = 40

test('a document of 5 MB and 1,000 operations is imported while others are served', async () => {
  const text = JSON.stringify(largeDocument())
  assert.ok(text.length > 5_000_000)
  let longest = 0
  let answers = 0
  let isDone = false
  const begun = performance.now()
  const done = importInto('large', { document: text }).finally(() => {
    isDone = true
  })
  while (!isDone) {
    const started = performance.now()
    await call(turnpike, 'GET', '/services?limit=1')
    longest = Math.max(longest, performance.now() - started)
    answers++
  }
  const { plan } = await done
  const total = performance.now() - begun
  assert.equal(plan?.createdMethods, 1000)
  assert.equal(plan?.createdModels, 1000)
  // Read by the process itself, the document would hold everybody up for four fifths of the time; read in a thread, for a tenth.
  assert.ok(longest < LARGEST_SHARE * total, `somebody waited for ${longest} of ${total} ms`)
  assert.ok(answers > FEWEST_ANSWERS, `only ${answers} were answered in ${total} ms`)
})
