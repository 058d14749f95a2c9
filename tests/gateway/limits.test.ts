import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { heads, RawBackend, RawClient, rawRequest, response, statuses } from '../support/raw.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Bodies that are bounded or taken whole, and time-outs, by plugins and by the process; through the real program. */

const LIMIT = 1000

let turnpike: Turnpike
let backend: RawBackend
before(async () => {
  backend = await RawBackend.start()
  turnpike = await startTurnpike({ args: ['--workers', '1', '--max-body-bytes', String(LIMIT)] })
  const service = String((await call('POST', '/services', { name: 'limits' })).id)
  const method = async (path: string, plugins: unknown[]) => {
    const { id } = await call('POST', `/services/${service}/resources`, { path })
    await call('POST', `/services/${service}/resources/${id}/methods`, { verb: 'ANY', plugins })
  }
  await method('/plain', [])
  await method('/small', [{ plugin: 'request-size-limit', config: { maxBytes: 10 } }])
  await method('/large', [{ plugin: 'request-size-limit', config: { maxBytes: 5000 } }])
  await method('/changed', [
    {
      plugin: 'response-transformer',
      config: { json: { set: { '/seen': true }, remove: ['/secret'], maxBytes: 2000 } },
    },
  ])
  await method('/mocked', [
    { plugin: 'response-transformer', config: { json: { remove: ['/secret'] } } },
    { plugin: 'mock', config: { headers: { 'content-type': 'application/json' }, body: '{"secret":1,"open":2}' } },
  ])
  await method('/slow', [{ plugin: 'timeout', config: { response: 0.2 } }])
  await method('/endless', [{ plugin: 'timeout', config: { total: 0.3 } }])
  await call('POST', `/services/${service}/stages`, {
    name: 'live',
    isDefault: true,
    backend: { targets: [{ url: backend.url }] },
  })
  await call('POST', `/services/${service}/stages/live/deployments`, {})
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})
beforeEach(() => {
  backend.reset()
  backend.answer = (connection) => connection.write(response('ok'))
})

async function call(method: string, path: string, body?: unknown) {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

const sized = (path: string, size: number) =>
  `POST ${path} HTTP/1.1\r\nHost: limits.localhost\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n${'a'.repeat(size)}`
const chunked = (path: string, sizes: readonly number[]) =>
  `POST ${path} HTTP/1.1\r\nHost: limits.localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${sizes
    .map((size) => `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`)
    .join('')}0\r\n\r\n`
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: limits.localhost\r\nConnection: close\r\n\r\n`

describe('request bodies', () => {
  const cases: readonly [what: string, request: string, status: number][] = [
    ['up to the limit of the process', sized('/plain', LIMIT), 200],
    ['beyond it', sized('/plain', LIMIT + 1), 413],
    ['far beyond it', sized('/plain', 100_000), 413],
    ['in chunks up to it', chunked('/plain', [LIMIT - 1, 1]), 200],
    ['in chunks beyond it', chunked('/plain', [LIMIT, 1]), 413],
    ['in one chunk beyond it', chunked('/plain', [40_000]), 413],
    ['up to the limit of a plugin', sized('/small', 10), 200],
    ['beyond that of a plugin', sized('/small', 11), 413],
    ['in chunks beyond that of a plugin', chunked('/small', [4, 4, 4]), 413],
    ['beyond that of the process, where a plugin allows it', sized('/large', 5000), 200],
    ['in chunks beyond that of the process, where a plugin allows it', chunked('/large', [4000, 1000]), 200],
  ]
  for (const [what, request, status] of cases) {
    test(`a body ${what} is answered ${status}`, async () => {
      // The backend answers once the whole body is there: what is refused must never look whole to it.
      backend.answer = (connection, received) => {
        if (/\r\n0\r\n\r\n$/.test(received) || isSizedWhole(received)) connection.write(response('ok'))
      }
      assert.deepEqual(statuses(await rawRequest(turnpike.gatewayPort, request)), [status])
    })
  }
})

function isSizedWhole(received: string): boolean {
  const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? -1)
  const end = received.indexOf('\r\n\r\n')
  return length >= 0 && end !== -1 && received.length - end - 4 === length
}

describe('bodies of answers that a plugin takes whole', () => {
  const json = (body: string, extra = '') =>
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${extra}Content-Length: ${body.length}\r\n\r\n${body}`
  const inChunks = (parts: readonly string[]) =>
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${parts
      .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      .join('')}0\r\n\r\n`
  const long = 'x'.repeat(1500)
  /** What the backend sends, in how many writes, and what the client gets. */
  const cases: readonly [what: string, path: string, writes: readonly string[], status: number, body: RegExp][] = [
    ['in one piece', '/changed', [json('{"a":1,"secret":2}')], 200, /^\{"a":1,"seen":true\}$/],
    [
      'in two pieces',
      '/changed',
      [json('{"a":1,"secret":2}').slice(0, -5), 'et":2}'.slice(-5)],
      200,
      /^\{"a":1,"seen":true\}$/,
    ],
    ['in chunks', '/changed', [inChunks(['{"a":', '1}'])], 200, /^\{"a":1,"seen":true\}$/],
    ['of another type', '/changed', [response('{"secret":1}')], 200, /^\{"secret":1\}$/],
    ['that is empty', '/changed', ['HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n'], 204, /^$/],
    ['that is not JSON', '/changed', [json('nonsense')], 502, /backend-malformed/],
    ['that is coded', '/changed', [json('{"secret":1}', 'Content-Encoding: gzip\r\n')], 502, /backend-malformed/],
    ['that is too large', '/changed', [json(`{"a":"${long}${long}"}`)], 502, /response-too-large/],
    ['that is too large in chunks', '/changed', [inChunks([`{"a":"${long}`, `${long}"}`])], 502, /response-too-large/],
    ['of a mock', '/mocked', [], 200, /^\{"open":2\}$/],
  ]
  for (const [what, path, writes, status, body] of cases) {
    test(`a body ${what}`, async () => {
      backend.answer = (connection, received) => {
        if (heads(received) === 1) for (const write of writes) connection.write(write)
      }
      const answer = await rawRequest(turnpike.gatewayPort, get(path))
      assert.deepEqual(statuses(answer), [status])
      assert.match(answer.slice(answer.indexOf('\r\n\r\n') + 4), body)
    })
  }

  test('the answer to HEAD has none', async () => {
    backend.answer = (connection) =>
      connection.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n')
    const answer = await rawRequest(turnpike.gatewayPort, get('/changed').replace('GET', 'HEAD'))
    assert.deepEqual(statuses(answer), [200])
    assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), '')
  })

  test('the backend is not told what codings the client takes', async () => {
    const request = get('/changed').replace('\r\n\r\n', '\r\nAccept-Encoding: gzip\r\n\r\n')
    await rawRequest(turnpike.gatewayPort, request)
    assert.doesNotMatch(backend.received, /accept-encoding/i)
  })

  test('a connection goes on behind one', async () => {
    backend.answer = (connection, received) => {
      const wanted = heads(received)
      if (wanted > 0) connection.write(json('{"secret":1}'))
    }
    const client = new RawClient(turnpike.gatewayPort)
    const request = get('/changed').replace('Connection: close\r\n', '')
    client.write(request)
    await client.untilResponses(1)
    client.write(request)
    assert.deepEqual(statuses(await client.untilResponses(2)), [200, 200])
    client.close()
  })
})

describe('time-outs of a route', () => {
  test('a backend that does not answer is given up', async () => {
    backend.answer = () => undefined
    const answer = await rawRequest(turnpike.gatewayPort, get('/slow'))
    assert.deepEqual(statuses(answer), [504])
    assert.match(answer, /backend-timeout/)
  })

  test('a backend that never ends its answer is broken off, and it does not look whole', async () => {
    backend.answer = (connection) => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
    const answer = await rawRequest(turnpike.gatewayPort, get('/endless'))
    assert.deepEqual(statuses(answer), [200])
    assert.ok(answer.endsWith('abc'))
  })

  test('the whole time ends a request that has no answer yet', async () => {
    backend.answer = () => undefined
    assert.deepEqual(statuses(await rawRequest(turnpike.gatewayPort, get('/endless'))), [504])
  })

  test('the time of one request is not that of the next on its connection', async () => {
    const client = new RawClient(turnpike.gatewayPort)
    client.write(get('/endless').replace('Connection: close\r\n', ''))
    await client.untilResponses(1)
    // The backend takes longer for the second one than the first one had.
    backend.answer = (connection, received) => {
      if (received.includes('/plain')) setTimeout(() => connection.write(response('late')), 600)
    }
    client.write(get('/plain'))
    assert.deepEqual(statuses(await client.untilResponses(2)), [200, 200])
    client.close()
  })
})
