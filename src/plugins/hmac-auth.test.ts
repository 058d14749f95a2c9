import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { hmacAuth } from './hmac-auth.ts'
import type { Outcome } from './plugin.ts'

type Config = Parameters<typeof hmacAuth.create>[0]
const SECRET = 'a secret that both know'
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const DATE = '2026-01-02T03:04:05Z'
const config: Config = {
  keys: [
    { id: 'one', secret: SECRET, groups: ['partners'] },
    { id: 'two', secret: 'another secret of theirs', groups: [] },
  ],
  requireKeyId: true,
  dateHeader: 'x-date',
  clockSkew: 300,
  algorithms: ['HmacSHA1', 'HmacSHA256', 'HmacSHA512'],
  requiredHeaders: [],
  bodyDigest: false,
  maxBodyBytes: 1000,
  rejectReplays: false,
}

interface Given {
  readonly settings?: Partial<Config>
  readonly method?: string
  readonly query?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly authorization?: string
  readonly signed?: {
    headers?: string[]
    date?: string | null
    keyId?: string | null
    algorithm?: string
    secret?: string
    text?: string
  }
}

/** Signs as a client does. */
function request({ method = 'GET', query = 'a=1&b=%20', headers = {}, body, signed = {}, authorization }: Given) {
  const { headers: listed = [], date = DATE, keyId = 'one', algorithm = 'HmacSHA256', secret = SECRET } = signed
  const lines = [
    method,
    `/a?${query}`,
    date ?? '',
    ...listed.map((name) => `${name}:${name === 'host' ? 'api.localhost' : headers[name]}`),
  ]
  const hash = { HmacSHA1: 'sha1', HmacSHA512: 'sha512' }[algorithm] ?? 'sha256'
  const signature = createHmac(hash, secret)
    .update(signed.text ?? lines.join('\n'))
    .digest('base64')
  const key = keyId === null ? '' : `keyId="${keyId}", `
  const field =
    authorization ?? `hmac ${key}algorithm="${algorithm}", headers="${listed.join(',')}", signature="${signature}"`
  return exchange({
    method,
    query,
    headers: { ...headers, ...(date !== null && { 'x-date': date }), authorization: field },
    ...(body !== undefined && { body }),
  })
}
const codeOf = (outcome: unknown) => {
  const reply = outcome as Outcome
  return reply !== undefined && 'reply' in reply ? reply.reply : reply
}
const env = fakeEnv({ now: () => NOW })
const digest = (body: string) => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`

describe('hmac-auth', () => {
  const cases: [what: string, given: Given, code: string | undefined][] = [
    ['a signature', {}, undefined],
    ['by another key', { signed: { keyId: 'two', secret: 'another secret of theirs' } }, undefined],
    ['by SHA-1', { signed: { algorithm: 'HmacSHA1' } }, undefined],
    ['by SHA-512', { signed: { algorithm: 'HmacSHA512' } }, undefined],
    ['with headers', { headers: { 'x-a': 'b' }, signed: { headers: ['x-a', 'host'] } }, undefined],
    ['with an offset', { signed: { date: '2026-01-02T04:04:05.123+01:00' } }, undefined],
    [
      'without a key id where none is needed',
      { settings: { requireKeyId: false }, signed: { keyId: null } },
      undefined,
    ],
    ['nothing', { authorization: '' }, 'hmac-missing'],
    ['another scheme', { authorization: 'Bearer x' }, 'hmac-missing'],
    ['rubbish', { authorization: 'hmac x' }, 'hmac-malformed'],
    [
      'a field twice',
      { authorization: 'hmac keyId="one", keyId="two", algorithm="HmacSHA256", signature="YQ=="' },
      'hmac-malformed',
    ],
    ['no algorithm', { authorization: 'hmac keyId="one", signature="YQ=="' }, 'hmac-algorithm'],
    [
      'an algorithm of objects',
      { authorization: 'hmac keyId="one", algorithm="constructor", signature="YQ=="' },
      'hmac-algorithm',
    ],
    ['an algorithm that is not taken', { settings: { algorithms: ['HmacSHA512'] } }, 'hmac-algorithm'],
    ['no signature', { authorization: 'hmac keyId="one", algorithm="HmacSHA256"' }, 'hmac-signature-missing'],
    [
      'an empty signature',
      { authorization: 'hmac keyId="one", algorithm="HmacSHA256", signature=""' },
      'hmac-signature-missing',
    ],
    ['no key id', { signed: { keyId: null } }, 'hmac-key-missing'],
    ['an unknown key', { signed: { keyId: 'three' } }, 'hmac-mismatch'],
    ['the key of another', { signed: { keyId: 'two' } }, 'hmac-mismatch'],
    [
      'a header that must be signed and is not',
      { settings: { requiredHeaders: ['X-A'] }, headers: { 'x-a': 'b' } },
      'hmac-header-unsigned',
    ],
    [
      'a header that is signed and not there',
      { authorization: 'hmac keyId="one", algorithm="HmacSHA256", headers="x-a", signature="YQ=="' },
      'hmac-header-missing',
    ],
    [
      'a header that was changed',
      { headers: { 'x-a': 'b' }, signed: { headers: ['x-a'], text: `GET\n/a?a=1&b=%20\n${DATE}\nx-a:c` } },
      'hmac-mismatch',
    ],
    ['another query', { signed: { text: `GET\n/a?a=2\n${DATE}` } }, 'hmac-mismatch'],
    ['another method', { signed: { text: `POST\n/a?a=1&b=%20\n${DATE}` } }, 'hmac-mismatch'],
    ['no date', { signed: { date: null } }, 'hmac-date-missing'],
    ['a date of another format', { signed: { date: 'Fri, 02 Jan 2026 03:04:05 GMT' } }, 'hmac-date-malformed'],
    ['a date without a zone', { signed: { date: '2026-01-02T03:04:05' } }, 'hmac-date-malformed'],
    ['a day that there is not', { signed: { date: '2026-13-02T03:04:05Z' } }, 'hmac-date-malformed'],
    ['a second too old', { signed: { date: '2026-01-02T02:59:04Z' } }, 'hmac-expired'],
    ['a second too young', { signed: { date: '2026-01-02T03:09:06Z' } }, 'hmac-expired'],
    ['just within', { signed: { date: '2026-01-02T03:09:05Z' } }, undefined],
    [
      'any date where it is not checked',
      { settings: { clockSkew: 0 }, signed: { date: '1999-01-01T00:00:00Z' } },
      undefined,
    ],
    [
      'a body with its digest',
      {
        settings: { bodyDigest: true },
        method: 'POST',
        body: 'x',
        headers: { 'content-digest': digest('x') },
        signed: { headers: ['content-digest'] },
      },
      undefined,
    ],
    [
      'a body with the digest of another',
      {
        settings: { bodyDigest: true },
        method: 'POST',
        body: 'y',
        headers: { 'content-digest': digest('x') },
        signed: { headers: ['content-digest'] },
      },
      'hmac-body-digest',
    ],
    [
      'a digest that is not signed',
      { settings: { bodyDigest: true }, method: 'POST', body: 'x', headers: { 'content-digest': digest('x') } },
      'hmac-header-unsigned',
    ],
    [
      'no digest that we know',
      {
        settings: { bodyDigest: true },
        body: 'x',
        headers: { 'content-digest': 'md5=:YQ==:' },
        signed: { headers: ['content-digest'] },
      },
      'hmac-body-digest',
    ],
    [
      'a header list without end',
      {
        authorization: `hmac keyId="one", algorithm="HmacSHA256", headers="${Array.from({ length: 60 }, (_, i) => `h${i}`).join(',')}", signature="YQ=="`,
      },
      'hmac-malformed',
    ],
  ]
  for (const [what, given, code] of cases)
    test(`${what}: ${code ?? 'goes on'}`, () => {
      const x = request(given)
      const outcome = hmacAuth.create({ ...config, ...given.settings }, env).onRequest?.(x)
      assert.equal(codeOf(outcome), code)
      assert.equal(x.consumer === null, code !== undefined)
      assert.ok(!JSON.stringify(outcome ?? '').includes(SECRET))
    })

  test('a replay is refused as long as the date would do', () => {
    let now = NOW
    const { onRequest } = hmacAuth.create({ ...config, rejectReplays: true }, fakeEnv({ now: () => now }))
    assert.equal(codeOf(onRequest?.(request({}))), undefined)
    assert.equal(codeOf(onRequest?.(request({}))), 'hmac-replayed')
    now += 300_000
    assert.equal(codeOf(onRequest?.(request({}))), 'hmac-replayed')
    now += 1000
    assert.equal(codeOf(onRequest?.(request({}))), 'hmac-expired')
  })

  test('a replay is refused on every route with these settings, and after a deployment', () => {
    const own = fakeEnv({ now: () => NOW })
    const create = () => hmacAuth.create({ ...config, rejectReplays: true }, own)
    assert.equal(codeOf(create().onRequest?.(request({}))), undefined)
    assert.equal(codeOf(create().onRequest?.(request({}))), 'hmac-replayed')
  })

  test('the signature is what openssl computes', () => {
    const text = `GET\n/a?a=1&b=%20\n${DATE}`
    const signature = execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET, '-binary'], {
      input: text,
    }).toString('base64')
    const authorization = `hmac keyId="one", algorithm="HmacSHA256", headers="", signature="${signature}"`
    assert.equal(hmacAuth.create(config, env).onRequest?.(request({ authorization })), undefined)
  })

  const refused: [what: string, settings: Partial<Config>, told: RegExp][] = [
    [
      'an id twice',
      {
        keys: [
          { id: 'a', secret: SECRET, groups: [] },
          { id: 'a', secret: SECRET, groups: [] },
        ],
      },
      /"a" is there twice/,
    ],
    ['a date header that is none', { dateHeader: 'x date' }, /not a header name/],
    ['replays without a window', { rejectReplays: true, clockSkew: 0 }, /set "clockSkew"/],
  ]
  for (const [what, settings, told] of refused)
    test(`${what} is refused at save`, () => {
      assert.match(hmacAuth.check?.({ ...config, ...settings }, { pathVariables: [] })[0]?.message ?? '', told)
    })
})
