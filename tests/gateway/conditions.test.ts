import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { RawBackend, rawRequest, response } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** `when`, `order` and `mode` on the real gateway, and what status, explain and the effective plugins say of them. */

let turnpike: Turnpike
let backend: RawBackend
let service: string
const methods = new Map<string, string>()

const mock = (body: string, options: object = {}) => ({ plugin: 'mock', config: { body }, ...options })
const denyAll = (options: object = {}) => ({
  plugin: 'ip-restriction',
  config: { mode: 'deny', networks: ['0.0.0.0/0', '::/0'] },
  ...options,
})
const setHeader = (name: string, value: string, options: object = {}) => ({
  plugin: 'request-transformer',
  config: { headers: { set: { [name]: value } } },
  ...options,
})

before(async () => {
  backend = await RawBackend.start()
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  service = String((await call('POST', '/services', { name: 'conditions' })).id)
  const method = async (path: string, plugins: unknown[]) => {
    const { id } = await call('POST', `/services/${service}/resources`, { path })
    const made = await call('POST', `/services/${service}/resources/${id}/methods`, { verb: 'ANY', plugins })
    methods.set(path, String(made.id))
  }
  await method('/when', [mock('mocked', { when: 'request.headers["x-mock"] == "1"' })])
  await method('/when/{id}', [mock('one', { when: 'request.pathVariables["id"].matches("^[0-9]+$")' })])
  await method('/guarded', [denyAll({ when: 'int(request.headers["x-n"]) > 3' })])
  await method('/echo', [
    {
      plugin: 'response-transformer',
      config: { headers: { set: { 'x-debug': 'on' } } },
      when: '"debug" in request.query',
    },
  ])
  await method('/usual', [setHeader('x-seen', '${request.header.x-request-id}'), { plugin: 'request-id', config: {} }])
  await method('/moved', [
    setHeader('x-seen', '${request.header.x-request-id}', { order: { before: 'request-id' } }),
    { plugin: 'request-id', config: {} },
  ])
  await method('/shadow', [denyAll({ mode: 'shadow' }), { plugin: 'request-id', config: {} }])
  await method('/shadow-when', [denyAll({ mode: 'shadow', when: 'request.method == "POST"' })])
  await method('/size', [{ plugin: 'request-size-limit', config: { maxBytes: 3 }, mode: 'shadow' }])
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
  backend.answer = (connection) => connection.write(response('backend'))
})

async function call(method: string, path: string, body?: unknown) {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

const CHUNKED = 'Transfer-Encoding: chunked'

async function ask(method: string, path: string, fields: readonly string[] = [], body = ''): Promise<string> {
  const length = body === '' || fields.includes(CHUNKED) ? [] : [`Content-Length: ${body.length}`]
  const head = [`${method} ${path} HTTP/1.1`, 'Host: conditions.localhost', 'Connection: close', ...fields, ...length]
  return rawRequest(turnpike.gatewayPort, `${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Status and body, as `200 text`. */
async function answerTo(...request: Parameters<typeof ask>): Promise<string> {
  const text = await ask(...request)
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  return `${text.slice(9, 12)} ${body.startsWith('{') ? (JSON.parse(body) as { code: string }).code : body}`
}

/** What the status tells of a plugin of a path, once it has come to `wanted` events. */
async function eventsOf(path: string, plugin: string, kind: string, wanted: number): Promise<Json | undefined> {
  for (let i = 0; i < 100; i++) {
    const { nodes } = await call('GET', '/status')
    const events = nodes?.[0]?.routes?.[methods.get(path) ?? '']?.plugins?.[plugin]
    if (Number(events?.[kind]) >= wanted) return events
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${plugin} of ${path} never came to ${wanted} ${kind}`)
}

describe('when', () => {
  const cases: [what: string, request: Parameters<typeof ask>, answer: string][] = [
    ['a plugin runs where its condition holds', ['GET', '/when', ['X-Mock: 1']], '200 mocked'],
    ['and is passed over where it does not', ['GET', '/when', ['X-Mock: 0']], '200 backend'],
    ['a header that is not there is empty', ['GET', '/when'], '200 backend'],
    ['patterns and path variables', ['GET', '/when/12'], '200 one'],
    ['which do not fit', ['GET', '/when/ab'], '200 backend'],
    ['a guard refuses', ['GET', '/guarded', ['X-N: 4']], '403 ip-denied'],
    ['and does not', ['GET', '/guarded', ['X-N: 2']], '200 backend'],
    ['a condition without a value does not let anybody pass', ['GET', '/guarded', ['X-N: none']], '403 ip-denied'],
    ['nor does one that is not sent', ['GET', '/guarded'], '403 ip-denied'],
  ]
  for (const [what, request, answer] of cases) test(what, async () => assert.equal(await answerTo(...request), answer))

  test('response handlers go by the same decision', async () => {
    assert.match(await ask('GET', '/echo?debug'), /x-debug: on/i)
    assert.doesNotMatch(await ask('GET', '/echo'), /x-debug/i)
  })

  test('on one connection each request is decided by itself', async () => {
    const request = (close: string, value: string) =>
      `GET /when HTTP/1.1\r\nHost: conditions.localhost\r\nX-Mock: ${value}\r\n${close}\r\n`
    const requests = [request('', '1'), request('', '0'), request('', '1'), request('Connection: close\r\n', '0')]
    const text = await rawRequest(turnpike.gatewayPort, requests.join(''))
    assert.deepEqual(text.match(/mocked|backend/g), ['mocked', 'backend', 'mocked', 'backend'])
  })

  test('what failed is counted and said', async () => {
    await ask('GET', '/guarded', ['X-N: x'])
    const events = await eventsOf('/guarded', 'ip-restriction', 'conditionFailures', 1)
    assert.equal(events?.shadowRefusals, 0)
    assert.match(turnpike.output(), /ANY \/guarded, plugin ip-restriction: its condition failed for request [0-9a-f]+/)
  })

  test('a condition that is wrong is refused when it is saved, and nothing is', async () => {
    const path = `/services/${service}/methods/${methods.get('/when')}`
    const before = await call('GET', path)
    const answer = await turnpike.api('PATCH', path, { plugins: [mock('a', { when: 'request.metod == "GET"' })] })
    assert.equal(answer.status, 422)
    assert.match(JSON.stringify(answer.body), /\/plugins\/0\/when.*did you mean \\"request\.method\\"/)
    assert.deepEqual(await call('GET', path), before)
  })
})

describe('order', () => {
  const seen = () => /x-seen: ?([^\r]*)/i.exec(backend.received)?.[1]

  test('a plugin runs where it usually does', async () => {
    await ask('GET', '/usual')
    assert.match(seen() ?? '', /^[0-9a-f]{32}$/)
  })

  test('and where it has been moved', async () => {
    await ask('GET', '/moved')
    assert.equal(seen(), '${request.header.x-request-id}')
  })

  test('the effective plugins show it', async () => {
    const { plugins } = await call('GET', `/services/${service}/methods/${methods.get('/moved')}/effective`)
    assert.deepEqual(
      (plugins as unknown as Json[]).map(({ plugin, moved, order }) => [plugin, moved, order]),
      [
        ['request-transformer', true, { before: 'request-id' }],
        ['request-id', false, undefined],
      ],
    )
  })

  test('plugins that are moved around one another from two nodes cannot be deployed', async () => {
    const made = await call('POST', `/services`, { name: 'circle' })
    const resource = await call('POST', `/services/${made.id}/resources`, {
      path: '/a',
      plugins: [{ plugin: 'timeout', config: {}, order: { after: 'mock' } }],
    })
    await call('POST', `/services/${made.id}/resources/${resource.id}/methods`, {
      verb: 'GET',
      plugins: [mock('a', { order: { after: 'timeout' } })],
    })
    await call('POST', `/services/${made.id}/stages`, { name: 'live' })
    const answer = await turnpike.api('POST', `/services/${made.id}/stages/live/deployments`, {})
    assert.equal(answer.status, 422)
    assert.match(JSON.stringify(answer.body), /GET \/a: .*"timeout\\", \\"mock\\" are moved around one another/)
  })
})

describe('shadow', () => {
  test('what it would refuse goes on, is counted and said', async () => {
    assert.equal(await answerTo('GET', '/shadow'), '200 backend')
    assert.equal(await answerTo('GET', '/shadow'), '200 backend')
    await eventsOf('/shadow', 'ip-restriction', 'shadowRefusals', 2)
    const lines = turnpike.output().match(/\/shadow, plugin ip-restriction: in shadow .*ip-denied/g)
    assert.equal(lines?.length, 1, 'one line a minute')
  })

  test('under a condition it only counts where that holds', async () => {
    await ask('GET', '/shadow-when')
    await ask('POST', '/shadow-when', [], 'a')
    const events = await eventsOf('/shadow-when', 'ip-restriction', 'shadowRefusals', 1)
    assert.equal(events?.shadowRefusals, 1)
  })

  test('what it would change stays as it was', async () => {
    assert.equal(await answerTo('POST', '/size', [], 'abc'), '200 backend')
    assert.equal(await answerTo('POST', '/size', [], 'abcdef'), '200 backend')
    assert.match(backend.received, /abcdef/)
    // In force it would be cut off on the way.
    assert.equal(await answerTo('POST', '/size', [CHUNKED], '6\r\nfedcba\r\n0\r\n\r\n'), '200 backend')
    assert.match(backend.received, /fedcba/)
    await eventsOf('/size', 'request-size-limit', 'shadowRefusals', 1)
  })

  test('is refused on a plugin that refuses nothing', async () => {
    const answer = await turnpike.api('PATCH', `/services/${service}/methods/${methods.get('/when')}`, {
      plugins: [mock('a', { mode: 'shadow' })],
    })
    assert.equal(answer.status, 422)
    assert.match(JSON.stringify(answer.body), /"\/plugins\/0\/mode".*refuses no requests/)
  })
})

describe('explain', () => {
  const explain = async (path: string, headers: Record<string, string> = {}) =>
    (await call('POST', `/services/${service}/stages/live/explain`, {
      request: {
        method: 'GET',
        target: path,
        headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      },
    })) as Json
  const steps = ({ requestPlugins }: Json) =>
    (requestPlugins as unknown as Json[]).map(({ plugin, decision, detail }) => `${plugin} ${decision} ${detail}`)

  test('what is skipped, with its condition', async () => {
    assert.deepEqual(steps(await explain('/when')), ['mock is skipped not request.headers["x-mock"] == "1"'])
    assert.deepEqual(steps(await explain('/when', { 'x-mock': '1' })), ['mock answers 200'])
  })

  test('what failed, and so runs', async () => {
    const told = await explain('/guarded')
    assert.deepEqual(steps(told), ['ip-restriction answers ip-denied'])
    assert.match(String(told.requestPlugins?.[0]?.notes?.[0]), /its condition failed, so it runs: .*no whole number/)
  })

  test('what would have answered', async () => {
    const told = await explain('/shadow')
    assert.equal(steps(told)[1], 'ip-restriction would answer ip-denied')
    assert.deepEqual(told.requestPlugins?.[1]?.changes, [])
    assert.ok(told.backend)
  })

  test('what was moved', async () => {
    assert.deepEqual((await explain('/moved')).requestPlugins?.[0]?.notes, ['moved before request-id'])
  })
})
