import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { RawBackend, rawRequest, response } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Behind a proxy that may speak for clients: what is believed, and what the backend is told. */

let turnpike: Turnpike
let backend: RawBackend
before(async () => {
  backend = await RawBackend.start()
  turnpike = await startTurnpike({ args: ['--workers', '1', '--trusted-proxies', '127.0.0.0/8,10.0.0.0/8,fd00::/8'] })
  await deployProxy(turnpike, 'behind', backend.url)
})
afterEach(() => backend.reset())
after(async () => {
  await turnpike.stop()
  await backend.close()
})

describe('what the backend is told', () => {
  const cases: [what: string, claims: string, told: Record<string, string>][] = [
    [
      'nothing is claimed',
      '',
      { 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'behind.localhost' },
    ],
    ['a client', 'X-Forwarded-For: 192.0.2.7\r\n', { 'X-Forwarded-For': '192.0.2.7, 127.0.0.1' }],
    [
      'a client that claims another',
      'X-Forwarded-For: 1.1.1.1, 192.0.2.7, 10.0.0.3\r\n',
      { 'X-Forwarded-For': '1.1.1.1, 192.0.2.7, 10.0.0.3, 127.0.0.1' },
    ],
    ['an IPv6 client', 'X-Forwarded-For: 2001:db8::1\r\n', { 'X-Forwarded-For': '2001:db8::1, 127.0.0.1' }],
    ['https at the proxy', 'X-Forwarded-Proto: https\r\n', { 'X-Forwarded-Proto': 'https' }],
    ['a scheme that is none', 'X-Forwarded-Proto: javascript\r\n', { 'X-Forwarded-Proto': 'http' }],
    [
      'the host that the client asked for',
      'X-Forwarded-Host: api.example.com\r\n',
      { 'X-Forwarded-Host': 'api.example.com' },
    ],
    ['a name with an underscore instead', 'X_Forwarded_For: 192.0.2.7\r\n', { 'X-Forwarded-For': '127.0.0.1' }],
  ]
  for (const [what, claims, told] of cases) {
    test(what, async () => {
      backend.answer = (connection) => connection.write(response('ok'))
      await rawRequest(
        turnpike.gatewayPort,
        `GET /a HTTP/1.1\r\nHost: behind.localhost\r\n${claims}Connection: close\r\n\r\n`,
      )
      for (const [name, value] of Object.entries(told))
        assert.ok(backend.received.includes(`\r\n${name}: ${value}\r\n`), backend.received)
      const count = (name: string) => backend.received.split(`\r\n${name}:`).length - 1
      for (const name of ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host']) assert.equal(count(name), 1)
    })
  }

  test('one request on a connection says nothing about the next', async () => {
    backend.answer = (connection) => connection.write(response('ok'))
    await rawRequest(
      turnpike.gatewayPort,
      'GET /one HTTP/1.1\r\nHost: behind.localhost\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\r\n' +
        'GET /two HTTP/1.1\r\nHost: behind.localhost\r\nConnection: close\r\n\r\n',
    )
    const second = backend.received.slice(backend.received.indexOf('GET /two'))
    assert.match(second, /X-Forwarded-For: 127\.0\.0\.1\r\nX-Forwarded-Proto: http\r\n/)
  })
})

test('the client is the last address that is not a proxy of ours', async () => {
  const { body: service } = await turnpike.api('POST', '/services', { name: 'who' })
  const root = (await turnpike.api('GET', '/services/who/resources')).body.items?.[0]?.id
  await turnpike.api('POST', `/services/${service.id}/resources/${root}/methods`, {
    verb: 'GET',
    backend: { kind: 'mock', body: '${request.clientIp} ${request.scheme}' },
  })
  await turnpike.api('POST', '/services/who/stages', { name: 'live', isDefault: true })
  await turnpike.api('POST', '/services/who/stages/live/deployments', {})
  const ask = async (claims: string) => {
    const answer = await rawRequest(
      turnpike.gatewayPort,
      `GET / HTTP/1.1\r\nHost: who.localhost\r\n${claims}Connection: close\r\n\r\n`,
    )
    return answer.slice(answer.indexOf('\r\n\r\n') + 4)
  }
  assert.equal(await ask(''), '127.0.0.1 http')
  assert.equal(
    await ask('X-Forwarded-For: 1.1.1.1, 192.0.2.7, 10.0.0.3\r\nX-Forwarded-Proto: https\r\n'),
    '192.0.2.7 https',
  )
  assert.equal(await ask('X-Forwarded-For: 10.0.0.9, 10.0.0.3\r\n'), '10.0.0.9 http')
})
