import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { webSocket } from './websocket.ts'

const defaults = { origins: [], protocols: [], required: false, idle: 300, life: 3600, most: 10 }
const handshake = {
  upgrade: 'websocket',
  body: '',
  headers: { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
}

describe('websocket', () => {
  test('a handshake gets the terms of the route; a plain request passes', () => {
    const { onRequest } = webSocket.create(defaults, fakeEnv())
    const x = exchange(handshake)
    assert.equal(onRequest?.(x), undefined)
    assert.deepEqual(x.webSocket, { idleMs: 300_000, lifeMs: 3_600_000 })
    const plain = exchange({ body: '' })
    assert.equal(onRequest?.(plain), undefined)
    assert.equal(plain.webSocket, null)
  })

  test('one more than there are places is refused', () => {
    const { onRequest } = webSocket.create({ ...defaults, most: 1 }, fakeEnv())
    assert.equal(onRequest?.(exchange(handshake)), undefined)
    const second = exchange(handshake)
    assert.deepEqual(onRequest?.(second), { reply: 'websocket-limit', headers: [['Retry-After', '1']] })
    assert.equal(second.webSocket, null)
  })

  const origins: [origin: string | undefined, passes: boolean][] = [
    ['https://app.example.com', true],
    ['https://a.b.example.org', true],
    ['https://example.org', false],
    ['https://app.example.com.evil.example', false],
    ['http://app.example.com', false],
    ['null', false],
    [undefined, true],
  ]
  for (const [origin, passes] of origins)
    test(`origin ${origin}: ${passes ? 'passes' : 'is refused'}`, () => {
      const { onRequest } = webSocket.create(
        { ...defaults, origins: ['https://app.example.com', 'https://*.example.org'] },
        fakeEnv(),
      )
      const headers = { ...handshake.headers, ...(origin !== undefined && { origin }) }
      assert.deepEqual(
        onRequest?.(exchange({ ...handshake, headers })),
        passes ? undefined : { reply: 'websocket-origin' },
      )
    })

  const wrong: [settings: object, path: string, message: RegExp][] = [
    [{ origins: ['*'] }, '/origins/0', /leave "\*" out/],
    [{ origins: ['https://app.example.com', 'app.example.com'] }, '/origins/1', /is not an origin/],
    [{ protocols: ['chat', 'a b'] }, '/protocols/1', /letters, digits/],
  ]
  for (const [settings, path, message] of wrong)
    test(`refuses ${JSON.stringify(settings)}`, () => {
      const problems = webSocket.check?.({ ...defaults, ...settings }, { pathVariables: [] }) ?? []
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      )
      assert.match(problems[0]?.message ?? '', message)
    })
})
