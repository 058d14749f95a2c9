import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { RawBackend, rawRequest, response } from '../support/raw.ts'
import { runTurnpike, startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** `turnpike export`, `plan` and `apply` against the real program: what they do, what they print, how they end. */

const folder = temporaryFolder()
let turnpike: Turnpike
let backend: RawBackend
let lastFile = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  backend = await RawBackend.start()
  backend.answer = (connection) => connection.write(response('[]'))
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})
beforeEach(async () => {
  const empty = { document: { turnpike: 1, services: {}, plans: {}, keys: {}, certificates: {} }, prune: true }
  assert.equal((await turnpike.api('POST', '/declarative/apply', empty)).status, 200)
})

const run = (...args: string[]) => runTurnpike([...args, '--data', turnpike.data])
const file = (text: string) => {
  const path = join(folder, `setup-${++lastFile}.yaml`)
  writeFileSync(path, text)
  return path
}
const exists = async (service: string) => (await turnpike.api('GET', `/services/${service}`)).status === 200

const shop = (url: string) => `turnpike: 1
services:
  shop:
    description: A shop
    design:
      paths:
        /items/{id}:
          methods:
            GET: { name: Read an item }
    stages:
      live:
        isDefault: true
        backend: { targets: [{ url: "${url}" }] }
`

test('a file is planned, applied, deployed and called; a second time nothing changes', async () => {
  const path = file(shop(backend.url))
  const planned = await run('plan', '-f', path, '--deploy')
  assert.equal(planned.code, 0, planned.stderr)
  assert.equal(
    planned.stdout,
    'shop\n  + service shop\n  + path /items\n  + path /items/{id}\n  + method GET /items/{id}\n  + stage live\n\nDeployments\n  > shop/live\n\nPlan: 5 to create, 0 to change, 0 to delete, 1 to deploy.\n',
  )
  assert.equal(await exists('shop'), false)
  const applied = await run('apply', '-f', path, '--deploy', '--yes', '--note', 'First')
  assert.equal(applied.code, 0, applied.stderr)
  assert.match(applied.stdout, /\nApplied 5 changes\.\nDeployed shop\/live as #1\.\n$/)
  const request = 'GET /items/7 HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n'
  assert.match(await rawRequest(turnpike.gatewayPort, request), /^HTTP\/1\.1 200 OK\r\n/)
  assert.match((await run('history', 'shop')).stdout, /First/)
  assert.equal((await run('apply', '-f', path, '--deploy', '--yes')).stdout, 'Nothing to change.\n')
})

test('what changes is told field by field, and as JSON', async () => {
  await run('apply', '-f', file(shop(backend.url)), '--yes')
  const changed = shop('http://127.0.0.1:1').replace(
    '{ name: Read an item }',
    '{ name: Show an item, deprecated: true }',
  )
  const { stdout } = await run('plan', '-f', file(changed))
  assert.equal(
    stdout,
    `shop\n  ~ method GET /items/{id}\n      deprecated is true instead of false\n      name is "Show an item" instead of "Read an item"\n  ~ stage live\n      backend is "http://127.0.0.1:1" instead of "${backend.url}"\n\nPlan: 0 to create, 2 to change, 0 to delete.\n`,
  )
  const { changes } = JSON.parse((await run('plan', '-f', file(changed), '--json')).stdout)
  assert.deepEqual(
    changes.map(({ name }: { name: string }) => name),
    ['GET /items/{id}', 'live'],
  )
})

test('a plan ends with 3 where it was asked for and something would change', async () => {
  const path = file(shop(backend.url))
  assert.equal((await run('plan', '-f', path, '--detailed-exitcode')).code, 3)
  await run('apply', '-f', path, '--yes')
  assert.equal((await run('plan', '-f', path, '--detailed-exitcode')).code, 0)
})

test('prune deletes what the files do not have', async () => {
  await turnpike.api('POST', '/services', { name: 'old' })
  const path = file(shop(backend.url))
  await run('apply', '-f', path, '--yes')
  assert.ok(await exists('old'))
  assert.match(
    (await run('plan', '-f', path, '--prune')).stdout,
    /^old\n {2}- service old\n\nPlan: 0 to create, 0 to change, 1 to delete\.\n$/,
  )
  await run('apply', '-f', path, '--prune', '--yes')
  assert.equal(await exists('old'), false)
})

test('what is exported can be applied, also where texts look like references to the environment', async () => {
  const text = shop(backend.url).replace('Read an item', () => '"Not $${env:HOME} but ${env:WHO}"')
  const applied = await runTurnpike(['apply', '-f', '-', '--yes', '--data', turnpike.data], {
    input: text,
    env: { WHO: '${env:HOME}' },
  })
  assert.equal(applied.code, 0, applied.stderr)
  const { stdout } = await run('export')
  assert.match(stdout, /name: Not \$\$\{env:HOME\} but \$\$\{env:HOME\}\n/)
  assert.equal((await run('plan', '-f', file(stdout), '--prune')).stdout, 'Nothing to change.\n')
  const output = join(folder, 'exported.json')
  assert.equal((await run('export', 'shop', '--json', '-o', output)).code, 0)
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(output, 'utf8')).services), ['shop'])
  assert.equal((await run('plan', '-f', output)).stdout, 'Nothing to change.\n')
})

test('plans and keys are planned, applied with values of the environment, and exported without them', async () => {
  const text = `${shop(backend.url)}plans:
  gold: { requestsPerSecond: 10, stages: [shop/live] }
keys:
  Acme, Inc.:
    subscriptions: { shop/live: gold }
    values: { primary: "\${env:ACME_KEY}" }
`
  const withKey = (value: string, ...args: string[]) =>
    runTurnpike([...args, '-f', file(text), '--data', turnpike.data], { env: { ACME_KEY: value } })
  const applied = await withKey('acme-value-0001', 'apply', '--yes')
  assert.equal(applied.code, 0, applied.stderr)
  assert.match(
    applied.stdout,
    /\n\nUsage plans\n {2}\+ plan gold\n\nAPI keys\n {2}\+ key Acme, Inc\.\n\nPlan: 7 to create/,
  )
  assert.equal((await withKey('acme-value-0001', 'plan')).stdout, 'Nothing to change.\n')
  assert.equal(
    (await withKey('acme-value-0002', 'plan')).stdout,
    'API keys\n  ~ key Acme, Inc.\n      primary value is changed\n\nPlan: 0 to create, 1 to change, 0 to delete.\n',
  )
  const { stdout } = await run('export')
  assert.match(
    stdout,
    /\nplans:\n {2}gold:\n {4}requestsPerSecond: 10\n {4}stages:\n {6}- shop\/live\nkeys:\n {2}Acme, Inc\.:\n {4}subscriptions:\n {6}shop\/live: gold\ncertificates: \{\}\n$/,
  )
  assert.equal((await run('plan', '-f', file(stdout), '--prune')).stdout, 'Nothing to change.\n')
  const short = await withKey('short', 'plan')
  assert.match(short.stderr, /setup-\d+\.yaml:\d+ \/keys\/Acme, Inc\.\/values\/primary: /)
  assert.ok(!short.stderr.includes('"short"'))
})

test('files, folders and documents are one setup', async () => {
  const many = join(folder, 'many')
  mkdirSync(many)
  writeFileSync(
    join(many, 'a.yaml'),
    'turnpike: 1\nservices:\n  a: { design: {} }\n---\nturnpike: 1\nservices:\n  b: {}\n',
  )
  writeFileSync(join(many, 'b.json'), '{"turnpike":1,"services":{"a":{"stages":{"live":{}}}}}')
  writeFileSync(join(many, 'README.md'), 'not: [read')
  const { code, stdout, stderr } = await run(
    'plan',
    '-f',
    many,
    '-f',
    file('turnpike: 1\nservices: { a: { description: A } }'),
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^a\n {2}\+ service a\n {2}\+ stage live\n\nb\n {2}\+ service b\n\nPlan: 3 to create/)
})

describe('mistakes', () => {
  const cases: [what: string, text: string, code: number, told: RegExp][] = [
    ['what is not YAML', 'turnpike: 1\nservices: [', 1, /not well-formed YAML\.\n {2}\S+setup-\d+\.yaml:2: /],
    [
      'a missing variable',
      'turnpike: 1\nservices:\n  a:\n    description: "${env:NO_SUCH}"\n',
      1,
      /:4 \/services\/a\/description: \$\{env:NO_SUCH\} is not set: set NO_SUCH/,
    ],
    [
      'what is no variable',
      'turnpike: 1\n# $\nservices: { a: { description: "${env:a-b}" } }\n',
      1,
      /:3 .*"a-b" cannot be a variable/,
    ],
    [
      'two that contradict',
      'turnpike: 1\nservices:\n  a: { description: x }\n---\nservices:\n  a:\n    description: y\n',
      1,
      /:7 \/services\/a\/description: "description" is said twice, and differently: \S+, line 3, has it too/,
    ],
    [
      'a field',
      'turnpike: 1\nservices:\n  a:\n    stages:\n      live:\n        isdefault: true\n',
      1,
      /The setup has a problem\.\n {2}\S+:6 \/services\/a\/stages\/live\/isdefault: .*did you mean "isDefault"/,
    ],
    [
      'a plugin in a list',
      'turnpike: 1\nservices:\n  a:\n    design:\n      paths:\n        /:\n          plugins:\n            - plugin: timeout\n            - plugin: nope\n',
      1,
      /:9 .*"nope" is not a plugin/,
    ],
    ['an empty file', '# nothing\n', 1, /There is no setup in/],
  ]
  for (const [what, text, code, told] of cases)
    test(`${what}: told with file and line, and nothing is done`, async () => {
      const done = await run('apply', '-f', file(text), '--yes')
      assert.match(done.stderr, told)
      assert.equal(done.code, code)
      assert.equal(await exists('a'), false)
    })

  test('places are in the JSON of an error too', async () => {
    const path = file('turnpike: 1\nservices:\n  a: { x: 1 }\n')
    const { error } = JSON.parse((await run('plan', '-f', path, '--json')).stderr)
    const [{ path: pointer, file: name, line }] = error.errors
    assert.deepEqual([pointer, name, line], ['/services/a/x', path, 3])
  })

  test('a file that is not there', async () => {
    assert.match((await run('plan', '-f', 'nope.yaml')).stderr, /nope\.yaml cannot be read: there is no such file/)
  })

  test('applying where nobody can be asked, without --yes', async () => {
    const done = await run('apply', '-f', file(shop(backend.url)))
    assert.equal(done.code, 2)
    assert.match(done.stderr, /say --yes/)
    assert.equal(await exists('shop'), false)
  })

  test('a service that is not there', async () => {
    const done = await run('export', 'nope')
    assert.equal(done.code, 1)
    assert.match(done.stderr, /There is no service "nope"/)
  })

  test('no file at all', async () => assert.equal((await run('plan')).code, 2))
})
