import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { rawRequest } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The plugins that ask who calls and what they send, on a deployed stage, through real sockets. */

let turnpike: Turnpike
/** The backend, and everything that plugins ask. */
let site: Server
let url = ''
const answers = new Map<string, (request: IncomingMessage, answer: ServerResponse) => void>()
before(async () => {
  site = createServer((request, answer) => {
    const respond = answers.get(request.url?.split('?')[0] ?? '')
    if (respond !== undefined) return respond(request, answer)
    const { authorization, 'x-user': user } = request.headers
    answer.end(`backend ${request.method} ${request.url} ${authorization ?? '-'} ${user ?? '-'}`)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(async () => {
  await turnpike.stop()
  site.closeAllConnections()
  site.close()
})

async function send(name: string, target = '/a', fields: Record<string, string> = {}, method = 'GET', body = '') {
  const head = Object.entries({ ...fields, ...(body !== '' && { 'Content-Length': String(Buffer.byteLength(body)) }) })
    .map(([field, value]) => `${field}: ${value}\r\n`)
    .join('')
  const text = await rawRequest(
    turnpike.gatewayPort,
    `${method} ${target} HTTP/1.1\r\nHost: ${name}.localhost\r\n${head}Connection: close\r\n\r\n${body}`,
  )
  const answered = text.slice(text.indexOf('\r\n\r\n') + 4)
  const problem = answered.startsWith('{"type"') ? (JSON.parse(answered) as Json) : undefined
  return { status: Number(text.slice(9, 12)), text, body: answered, code: problem?.code, problem }
}

const deploy = (name: string, plugins: unknown[], methods: Record<string, object> = { GET: {} }) =>
  deployDesign(turnpike, name, { '/a': { methods } }, { plugins, backend: { targets: [{ url }] } })

test('basic-auth', async () => {
  await deploy('basic', [{ plugin: 'basic-auth', config: { users: [{ name: 'ada', password: 'pässword' }] } }])
  const authorization = `Basic ${Buffer.from('ada:pässword').toString('base64')}`
  assert.equal((await send('basic', '/a', { Authorization: authorization })).body, 'backend GET /a - -')
  assert.equal((await send('basic', '/a', { Authorization: authorization })).status, 200)
  const { status, text, code } = await send('basic')
  assert.deepEqual([status, code, /WWW-Authenticate: Basic realm="api"/.test(text)], [401, 'basic-auth-missing', true])
  assert.equal(
    (await send('basic', '/a', { Authorization: `Basic ${Buffer.from('ada:x').toString('base64')}` })).code,
    'basic-auth-wrong',
  )
  const stage = JSON.stringify(await call(turnpike, 'GET', '/services/basic/stages/live'))
  assert.ok(stage.includes('$argon2id$') && !stage.includes('pässword'))
})

test('hmac-auth, and its secret out of sight', async () => {
  await deploy(
    'signed',
    [{ plugin: 'hmac-auth', config: { keys: [{ id: 'k', secret: 'marked-secret' }], bodyDigest: false } }],
    { GET: {}, POST: {} },
  )
  const date = new Date().toISOString()
  const signature = createHmac('sha256', 'marked-secret').update(`GET\n/a?x=%20&y\n${date}`).digest('base64')
  const fields = {
    'X-Date': date,
    Authorization: `hmac keyId="k", algorithm="HmacSHA256", headers="", signature="${signature}"`,
  }
  assert.equal((await send('signed', '/a?x=%20&y', fields)).status, 200)
  assert.equal((await send('signed', '/a?x=1', fields)).code, 'hmac-mismatch')
  for (const path of [
    '/services/signed/stages/live',
    '/audit?limit=1000',
    '/services/signed/openapi',
    '/declarative?service=signed',
  ])
    assert.ok(!JSON.stringify(await call(turnpike, 'GET', path)).includes('marked-secret'), path)
})

describe('jwt', () => {
  const pair = generateKeyPairSync('ed25519')
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (claims: object, kid = 'k1') => {
    const signed = `${part({ alg: 'EdDSA', kid })}.${part({ exp: Math.floor(Date.now() / 1000) + 60, ...claims })}`
    return `Bearer ${signed}.${sign(null, Buffer.from(signed), pair.privateKey).toString('base64url')}`
  }

  test('by a published key, with acl behind it and claims for the backend', async () => {
    let calls = 0
    answers.set('/jwks', (_, answer) => {
      calls++
      answer.end(JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'EdDSA' }] }))
    })
    await deploy('tokens', [
      { plugin: 'jwt', config: { keySets: [{ url: `${url}/jwks` }] } },
      { plugin: 'acl', config: { scopes: ['read'] } },
      {
        plugin: 'request-transformer',
        config: { headers: { set: { 'x-user': '${consumer.id}/${jwt.claims.tier}' } } },
      },
    ])
    const { body } = await send('tokens', '/a', { Authorization: token({ sub: 'ada', scope: 'read', tier: 'gold' }) })
    assert.match(body, /ada\/gold$/)
    assert.equal((await send('tokens', '/a', { Authorization: token({ sub: 'ada' }) })).code, 'acl-denied')
    assert.equal((await send('tokens')).code, 'jwt-missing')
    assert.equal((await send('tokens', '/a', { Authorization: token({ sub: 'ada' }, 'k2') })).code, 'jwt-key-unknown')
    assert.equal(calls, 1)
  })

  const faults: [what: string, respond: (request: IncomingMessage, answer: ServerResponse) => void][] = [
    ['answers 500', (_, answer) => answer.writeHead(500).end()],
    ['answers rubbish', (_, answer) => answer.end('<html>')],
    ['is huge', (_, answer) => answer.end('x'.repeat(1_000_000))],
    ['hangs up', (request) => request.socket.destroy()],
  ]
  for (const [what, respond] of faults)
    test(`a key set that ${what} lets nobody in`, async () => {
      const name = `jwks-${what.replace(/\W/g, '')}`
      answers.set(`/${name}`, respond)
      await deploy(name, [{ plugin: 'jwt', config: { keySets: [{ url: `${url}/${name}` }] } }])
      const { status, code } = await send(name, '/a', { Authorization: token({ sub: 'ada' }) })
      assert.deepEqual([status, code], [500, 'jwks-unavailable'])
    })
})

test('oauth2-introspection', async () => {
  answers.set('/introspect', (request, answer) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => answer.end(JSON.stringify({ active: body.includes('token=good'), sub: 'ada' })))
  })
  await deploy('opaque', [
    { plugin: 'oauth2-introspection', config: { url: `${url}/introspect`, clientId: 'g', clientSecret: 'marked' } },
  ])
  assert.equal((await send('opaque', '/a', { Authorization: 'Bearer good' })).status, 200)
  assert.equal((await send('opaque', '/a', { Authorization: 'Bearer bad' })).code, 'token-inactive')
})

test('forward-auth', async () => {
  answers.set('/check', (request, answer) => {
    if (request.headers.authorization === 'yes') return answer.writeHead(200, { 'X-User': 'ada' }).end()
    answer.writeHead(302, { Location: `/login?back=${request.headers['x-forwarded-uri']}` }).end('come in')
  })
  await deploy('asked', [{ plugin: 'forward-auth', config: { url: `${url}/check`, copyToRequest: ['x-user'] } }])
  assert.match((await send('asked', '/a?q=1', { Authorization: 'yes', 'X-User': 'root' })).body, /ada$/)
  const { status, text, body } = await send('asked', '/a?q=1')
  assert.deepEqual([status, body, /Location: \/login\?back=\/a\?q=1\r\n/i.test(text)], [302, 'come in', true])
  await deploy('unasked', [{ plugin: 'forward-auth', config: { url: 'http://127.0.0.1:9/', timeout: 1 } }])
  const { status: failed, code } = await send('unasked')
  assert.deepEqual([failed, code], [502, 'forward-auth-failed'])
  // It asks the very route that it is on.
  await deploy('loop', [
    { plugin: 'forward-auth', config: { url: `http://loop.localhost:${turnpike.gatewayPort}/a`, timeout: 2 } },
  ])
  assert.equal((await send('loop')).status, 502)
})

describe('request-validator', () => {
  before(async () => {
    const name = 'checked'
    await call(turnpike, 'POST', '/services', { name })
    await call(turnpike, 'POST', `/services/${name}/models`, {
      name: 'Pet',
      dialect: 'draft-04',
      schema: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
      },
    })
    const { id } = await call(turnpike, 'POST', `/services/${name}/resources`, { path: '/pets/{id}' })
    await call(turnpike, 'POST', `/services/${name}/resources/${id}/methods`, {
      verb: 'PUT',
      parameters: [
        { in: 'path', name: 'id', schema: { type: 'integer' } },
        { in: 'query', name: 'dry', required: true, schema: { type: 'boolean' } },
      ],
      requestBody: { required: true, content: [{ contentType: 'application/json', schema: { $ref: '#/models/Pet' } }] },
    })
    await call(turnpike, 'POST', `/services/${name}/stages`, {
      name: 'live',
      isDefault: true,
      backend: { targets: [{ url }] },
      plugins: [{ plugin: 'request-validator', config: { maxBodyBytes: 1000 } }],
    })
    await call(turnpike, 'POST', `/services/${name}/stages/live/deployments`, {})
  })
  const json = { 'Content-Type': 'application/json' }

  test('lets in what is right, as it is', async () => {
    const { body } = await send('checked', '/pets/7?dry=true', json, 'PUT', '{"name":"ada","age":1}')
    assert.equal(body, 'backend PUT /pets/7?dry=true - -')
  })

  test('tells everything that is wrong', async () => {
    const { status, code, problem } = await send('checked', '/pets/x', json, 'PUT', '{"age":0}')
    assert.deepEqual([status, code], [400, 'validation-failed'])
    assert.deepEqual(
      ((problem?.errors ?? []) as unknown as { path: string }[]).map(({ path }) => path),
      ['/path/id', '/query/dry', '/body', '/body/age'],
    )
  })

  test('refuses other types, and bodies over the limit before they are read', async () => {
    assert.equal((await send('checked', '/pets/7?dry=true', { 'Content-Type': 'text/plain' }, 'PUT', 'x')).status, 415)
    assert.equal((await send('checked', '/pets/7?dry=true', json, 'PUT', `{"name":"${'x'.repeat(2000)}"}`)).status, 413)
  })

  test('a pattern that cannot run in linear time is refused before the deployment', async () => {
    const { id } = await call(turnpike, 'POST', '/services/checked/resources', { path: '/patterns' })
    const method = await call(turnpike, 'POST', `/services/checked/resources/${id}/methods`, {
      verb: 'GET',
      parameters: [{ in: 'query', name: 'a', schema: { type: 'string', pattern: '^(?=a)b' } }],
    })
    const { status, body } = await turnpike.api('POST', '/services/checked/stages/live/deployments', { apply: true })
    assert.equal(status, 422)
    assert.match(JSON.stringify(body.errors), /GET \/patterns: the pattern .* cannot be checked: .*RE2/)
    await call(turnpike, 'DELETE', `/services/checked/methods/${method.id}`)
  })

  test('is explained', async () => {
    const request = {
      method: 'PUT',
      target: '/pets/x',
      headers: [{ name: 'content-type', value: 'application/json' }],
      body: '{}',
    }
    const explained = await call(turnpike, 'POST', '/services/checked/stages/live/explain', { request })
    assert.match(JSON.stringify(explained), /validation-failed/)
  })
})
