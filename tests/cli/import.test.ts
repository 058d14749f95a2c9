import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { RawBackend, rawRequest, response } from '../support/raw.ts'
import { freePort, type Json, runTurnpike, startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** `turnpike import`, `deploy` and `status` against the real program: what they do, what they print, how they fail. */

const TRAVEL = join(import.meta.dirname, '../../examples/travel.yaml')
const folder = temporaryFolder()
let turnpike: Turnpike
let backend: RawBackend
let lastFile = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  backend = await RawBackend.start()
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

const run = (...args: string[]) => runTurnpike([...args, '--data', turnpike.data])
const file = (text: string) => {
  const path = join(folder, `document-${++lastFile}`)
  writeFileSync(path, text)
  return path
}
const openapi = (paths: object) => JSON.stringify({ openapi: '3.1.0', info: { title: 'A', version: '1' }, paths })

describe('a document', () => {
  test('is imported, deployed and called', async () => {
    backend.answer = (connection) => connection.write(response('[]'))
    const done = await run('import', TRAVEL, '--service', 'travel', '--backend', backend.url, '--deploy')
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stdout, /^Imported into travel: \d+ methods created, \d+ paths created, \d+ models created\.\n/)
    assert.match(done.stdout, /Deployed travel\/live as #1 \([0-9a-f]{12}\), served as travel\.localhost/)
    const [, host = '', path = ''] = /curl -H 'Host: ([^']+)' http:\/\/[^/]+(\S+)/.exec(done.stdout) ?? []
    const answer = await rawRequest(
      turnpike.gatewayPort,
      `GET ${path}?page=2 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(backend.received, new RegExp(`^GET ${path}\\?page=2 HTTP/1\\.1\r\n`))
  })

  test('a second time changes nothing', async () => {
    const done = await run('import', TRAVEL, '--service', 'travel')
    assert.match(done.stdout, /^Imported into travel: \d+ methods unchanged\.\n/)
  })

  test('as a dry run does nothing at all', async () => {
    const done = await run(
      'import',
      TRAVEL,
      '--service',
      'dry',
      '--deploy',
      '--backend',
      backend.url,
      '--dry-run',
      '--json',
    )
    assert.equal(done.code, 0, done.stderr)
    const { plan, deployment } = JSON.parse(done.stdout) as Json
    assert.ok(Number(plan?.createdMethods) > 5)
    assert.equal(deployment, null)
    assert.equal((await turnpike.api('GET', '/services/dry')).status, 404)
  })

  test('is imported as its dry run has said, and not once the service has changed since', async () => {
    const [first, second] = [file(openapi({ '/a': { get: {} } })), file(openapi({ '/b': { get: {} } }))]
    const load = (source: string, ...more: string[]) => run('import', source, '--service', 'seen', ...more)
    await load(first)
    const plan = await load(second, '--dry-run')
    const [, version = ''] = /To do exactly this: .* with --if-version (\d+)\./.exec(plan.stdout) ?? []
    await load(file(openapi({ '/c': { get: {} } })))

    const late = await load(second, '--if-version', version)
    assert.equal(late.code, 1)
    assert.match(late.stderr, /changed since you read it \(it is at version \d+ now\)/)
    assert.equal(late.stdout, '')
    const paths = async () => {
      const { body } = await turnpike.api('GET', '/services/seen/resources')
      return (body.items as unknown as { path: string }[]).map(({ path }) => path)
    }
    assert.deepEqual(await paths(), ['/', '/a', '/c'])

    const again = await load(second, '--dry-run', '--json')
    const { baseVersion } = JSON.parse(again.stdout) as Json
    const done = await load(second, '--if-version', String(baseVersion))
    assert.equal(done.code, 0, done.stderr)
    assert.deepEqual(await paths(), ['/', '/a', '/b', '/c'])

    const odd = await load(second, '--if-version', 'latest')
    assert.equal(odd.code, 1)
    assert.match(odd.stderr, /--if-version is the number that a dry run has said/)
  })

  test('from standard input and from a URL', async () => {
    const piped = await runTurnpike(['import', '-', '--service', 'piped', '--data', turnpike.data], {
      input: openapi({ '/a': { get: {} } }),
    })
    assert.equal(piped.code, 0, piped.stderr)
    backend.answer = (connection) => connection.write(response(openapi({ '/b': { get: {} } })))
    const fetched = await run('import', `${backend.url}/openapi.json`, '--service', 'fetched')
    assert.match(fetched.stdout, /1 methods created/)
  })
})

describe('what cannot be imported is refused as a whole', () => {
  const cases: [what: string, source: () => string | Promise<string>, code: number, told: RegExp][] = [
    [
      'a missing file',
      () => join(folder, 'none.yaml'),
      1,
      /none\.yaml cannot be read: there is no such file\. Give a file, a URL/,
    ],
    ['a folder', () => folder, 1, /it is a folder/],
    [
      'a URL that nobody answers',
      async () => `http://127.0.0.1:${await freePort()}/a`,
      1,
      /cannot be fetched \(.*ECONNREFUSED.*\): check the address/,
    ],
    ['an empty file', () => file(''), 1, /The document is empty/],
    ['broken YAML', () => file('openapi: 3.1.0\npaths:\n  /a: [\n'), 1, /Line [34], column \d+/],
    ['broken JSON', () => file('{"openapi": "3.1.0",\n"paths": {"/a": }\n'), 1, /Line \d, column \d+/],
    ['the same path twice', () => file('openapi: 3.1.0\npaths:\n  /a: {}\n  /a: {}\n'), 1, /Line 4, column \d+/],
    ['a list', () => file('- a\n- b\n'), 1, /must be an object/],
    ['something else', () => file('kind: Service\n'), 1, /"openapi" \(such as "openapi: 3\.1\.0"\) is missing/],
    [
      'an older version',
      () => file('openapi: 2.5.0\npaths: {}\n'),
      1,
      /OpenAPI 2\.5\.0; only Swagger 2\.0, OpenAPI 3\.0 and 3\.1/,
    ],
    [
      'a path without a slash',
      () => file('openapi: 3.1.0\npaths:\n  /ok: {get: {}}\n  bad: {get: {}}\n'),
      1,
      /Line 4.*"bad"/,
    ],
    [
      'a reference to nothing',
      () => file('openapi: 3.1.0\npaths:\n  /a:\n    $ref: "#/components/pathItems/none"\n'),
      1,
      /Line 3.*#\/components\/pathItems\/none/,
    ],
    [
      'aliases that multiply',
      () =>
        file(
          `openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\npaths: {}\n`,
        ),
      1,
      /alias/i,
    ],
    ['a wrong service name', () => file(openapi({})), 1, /\/service/],
  ]
  for (const [what, source, code, told] of cases) {
    test(what, async () => {
      const name = what === 'a wrong service name' ? 'Not_A_Name' : 'refused'
      const done = await run('import', await source(), '--service', name, '--backend', backend.url, '--deploy')
      assert.equal(done.code, code)
      assert.match(done.stderr, told)
      assert.equal(done.stdout, '')
      assert.equal((await turnpike.api('GET', '/services/refused')).status, 404)
    })
  }

  test('with --json the error is JSON too', async () => {
    const done = await run('import', file('openapi: 3.1.0\npaths:\n  bad: {}\n'), '--service', 'refused', '--json')
    const { error } = JSON.parse(done.stderr) as Json
    assert.equal(error?.code, 'invalid')
    assert.match(JSON.stringify(error?.errors), /Line 3/)
  })
})

describe('deploy and status', () => {
  test('a stage as it is', async () => {
    await run('import', file(openapi({ '/a': { get: {} } })), '--service', 'plain', '--backend', backend.url)
    const first = await run('deploy', 'plain', '--note', 'First')
    assert.match(first.stdout, /^Deployed plain\/live as #1 \([0-9a-f]{12}\)\.\n$/)
    const second = await run('deploy', 'plain/live', '--json')
    assert.equal((JSON.parse(second.stdout) as Json).number, 2)
  })

  const cases: [what: string, args: string[], code: number, told: RegExp][] = [
    ['a service that is not there', ['deploy', 'none/live'], 1, /"none"/],
    ['a stage that is not there', ['deploy', 'travel/none'], 1, /travel\/none/],
    ['something that is no stage', ['deploy', 'a/b/c'], 2, /"a\/b\/c" is not SERVICE\/STAGE/],
    ['no stage at all', ['deploy'], 2, /missing required argument 'service\/stage'/],
    ['a wrong token', ['status', '--token', 'x'], 1, /wants a token.*--token/],
    [
      'a server that is not there',
      ['status', '--url', 'http://127.0.0.1:9'],
      1,
      /No Turnpike answers at http:\/\/127\.0\.0\.1:9/,
    ],
  ]
  for (const [what, args, code, told] of cases) {
    test(what, async () => {
      const done = await run(...args)
      assert.equal(done.code, code, done.stderr)
      assert.match(done.stderr, told)
    })
  }

  test('status shows workers and stages', async () => {
    const done = await run('status')
    assert.equal(done.code, 0)
    for (const told of [/travel/, /travel\.localhost/, /ready/]) assert.match(done.stdout, told)
  })
})
