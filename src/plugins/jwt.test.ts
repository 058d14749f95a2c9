import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { jwt } from './jwt.ts'
import { type Outcome, OutgoingFailure, type OutgoingResponse, type PluginEnv } from './plugin.ts'

type Config = Parameters<typeof jwt.create>[0]
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const SECONDS = NOW / 1000
const SECRET = 'a secret of at least sixty-four bytes, which HS512 asks for, too.'
const none: Config = {
  secrets: [],
  publicKeys: [],
  keySets: [],
  issuers: [],
  audiences: [],
  leeway: 0,
  requireExpiry: true,
  claims: [],
  header: 'authorization',
  consumerClaim: 'sub',
  groupsClaim: '',
}
const withSecret: Partial<Config> = { secrets: [{ algorithm: 'HS256', secret: SECRET }] }

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const keys = {
  RS: rsa,
  PS: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()

/** Signs claims by an algorithm as an issuer does. */
function token(claims: unknown, { alg = 'HS256', header = {}, secret = SECRET as string | Buffer } = {}): string {
  const signed = `${part({ alg, ...header })}.${part(claims)}`
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('HS')) return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
  const data = Buffer.from(signed)
  const { privateKey } = keys[(alg.startsWith('RS') ? 'RS' : alg.startsWith('PS') ? 'PS' : alg) as keyof typeof keys]
  const signature =
    alg === 'EdDSA'
      ? sign(null, data, privateKey)
      : alg.startsWith('PS')
        ? sign(hash, data, { key: privateKey, padding: 6, saltLength: -1 })
        : sign(hash, data, alg.startsWith('ES') ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey)
  return `${signed}.${signature.toString('base64url')}`
}
const valid = { sub: 'ada', exp: SECONDS + 60 }

async function ask(
  settings: Partial<Config>,
  authorization: string | undefined,
  env: PluginEnv = fakeEnv({ now: () => NOW }),
) {
  const x = exchange({ headers: authorization === undefined ? {} : { authorization } })
  const outcome = (await jwt.create({ ...none, ...settings }, env).onRequest?.(x)) as Outcome
  return { x, code: outcome !== undefined && 'reply' in outcome ? outcome.reply : outcome }
}
const bearer = (value: string) => `Bearer ${value}`

describe('algorithms', () => {
  for (const algorithm of [
    'HS256',
    'HS384',
    'HS512',
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
  ] as const)
    test(algorithm, async () => {
      const pair = keys[(/^[RP]S/.test(algorithm) ? algorithm.slice(0, 2) : algorithm) as keyof typeof keys]
      const settings = (
        algorithm.startsWith('HS')
          ? { secrets: [{ algorithm, secret: SECRET }] }
          : { publicKeys: [{ algorithm, pem: pem(pair.publicKey) }] }
      ) as Partial<Config>
      const good = token(valid, { alg: algorithm })
      const { x, code } = await ask(settings, bearer(good))
      assert.equal(code, undefined)
      assert.deepEqual([x.consumer?.id, x.claims?.sub], ['ada', 'ada'])
      const [header = '', , signature = ''] = good.split('.')
      assert.equal(
        (await ask(settings, bearer(`${header}.${part({ ...valid, sub: 'eve' })}.${signature}`))).code,
        'jwt-signature',
      )
    })
})

describe('claims', () => {
  const cases: [what: string, settings: Partial<Config>, claims: unknown, code: string | undefined][] = [
    ['valid', {}, valid, undefined],
    ['expired by a second', {}, { exp: SECONDS - 1 }, 'jwt-expired'],
    ['expiring now', {}, { exp: SECONDS }, 'jwt-expired'],
    ['expired within the leeway', { leeway: 2 }, { exp: SECONDS - 1 }, undefined],
    ['without expiry', {}, { sub: 'a' }, 'jwt-claim'],
    ['without expiry where none is needed', { requireExpiry: false }, { sub: 'a' }, undefined],
    ['an expiry that is a text', {}, { exp: String(SECONDS + 60) }, 'jwt-claim'],
    ['an expiry that is a text where none is needed', { requireExpiry: false }, { exp: 'never' }, 'jwt-claim'],
    ['not yet', {}, { ...valid, nbf: SECONDS + 1 }, 'jwt-not-yet-valid'],
    ['not yet, within the leeway', { leeway: 1 }, { ...valid, nbf: SECONDS + 1 }, undefined],
    ['the issuer', { issuers: ['i'] }, { ...valid, iss: 'i' }, undefined],
    ['another issuer', { issuers: ['i'] }, { ...valid, iss: 'j' }, 'jwt-issuer'],
    ['a list of issuers', { issuers: ['i'] }, { ...valid, iss: ['i'] }, 'jwt-issuer'],
    ['the audience', { audiences: ['a'] }, { ...valid, aud: 'a' }, undefined],
    ['one of the audiences', { audiences: ['a'] }, { ...valid, aud: ['b', 'a'] }, undefined],
    ['no audience', { audiences: ['a'] }, valid, 'jwt-audience'],
    [
      'a claim',
      { claims: [{ name: 'tier', type: 'string', required: true, values: ['gold'] }] },
      { ...valid, tier: 'gold' },
      undefined,
    ],
    [
      'a claim of another value',
      { claims: [{ name: 'tier', type: 'string', required: true, values: ['gold'] }] },
      { ...valid, tier: 'tin' },
      'jwt-claim',
    ],
    [
      'a claim of another type',
      { claims: [{ name: 'tier', type: 'string', required: true, values: ['1'] }] },
      { ...valid, tier: 1 },
      'jwt-claim',
    ],
    [
      'a claim that is missing',
      { claims: [{ name: 'tier', type: 'string', required: true, values: [] }] },
      valid,
      'jwt-claim',
    ],
    [
      'a claim that may be missing',
      { claims: [{ name: 'tier', type: 'string', required: false, values: ['gold'] }] },
      valid,
      undefined,
    ],
    [
      'a claim of objects',
      { claims: [{ name: 'constructor', type: 'string', required: true, values: [] }] },
      valid,
      'jwt-claim',
    ],
    [
      'a list',
      { claims: [{ name: 'r', type: 'array', required: true, values: ['x'] }] },
      { ...valid, r: ['y', 'x'] },
      undefined,
    ],
    [
      'a number',
      { claims: [{ name: 'n', type: 'number', required: true, values: ['3'] }] },
      { ...valid, n: 3 },
      undefined,
    ],
    [
      'a date that is past',
      { claims: [{ name: 'd', type: 'date', required: true, values: [] }] },
      { ...valid, d: SECONDS - 1 },
      'jwt-claim',
    ],
    ['groups', { groupsClaim: 'g' }, { ...valid, g: ['staff'] }, undefined],
  ]
  for (const [what, settings, claims, code] of cases)
    test(`${what}: ${code ?? 'goes on'}`, async () => {
      assert.equal((await ask({ ...withSecret, ...settings }, bearer(token(claims)))).code, code)
    })
})

describe('attacks', () => {
  const publicKey = pem(rsa.publicKey)
  const rs256: Partial<Config> = { publicKeys: [{ algorithm: 'RS256', pem: publicKey, keyId: 'k' }] }
  const cases: [what: string, settings: Partial<Config>, authorization: string | undefined, code: string][] = [
    ['nothing', withSecret, undefined, 'jwt-missing'],
    ['another scheme', withSecret, 'Basic x', 'jwt-missing'],
    ['none', withSecret, bearer(`${part({ alg: 'none' })}.${part(valid)}.`), 'jwt-key-unknown'],
    ['nOnE', withSecret, bearer(`${part({ alg: 'nOnE' })}.${part(valid)}.`), 'jwt-key-unknown'],
    ['an empty signature', withSecret, bearer(`${part({ alg: 'HS256' })}.${part(valid)}.`), 'jwt-signature'],
    ['the public key as a secret', rs256, bearer(token(valid, { secret: publicKey })), 'jwt-key-unknown'],
    ['another algorithm of the same key', rs256, bearer(token(valid, { alg: 'PS256' })), 'jwt-key-unknown'],
    [
      'a key id that is another',
      rs256,
      bearer(token(valid, { alg: 'RS256', header: { kid: '../../dev/null' } })),
      'jwt-key-unknown',
    ],
    ['a key id that is a list', rs256, bearer(token(valid, { alg: 'RS256', header: { kid: ['k'] } })), 'jwt-malformed'],
    [
      'a key that it brings along',
      withSecret,
      bearer(token(valid, { alg: 'RS256', header: { jwk: rsa.publicKey.export({ format: 'jwk' }) } })),
      'jwt-key-unknown',
    ],
    [
      'an address of keys that it brings along',
      withSecret,
      bearer(token(valid, { alg: 'RS256', header: { jku: 'https://evil.example/' } })),
      'jwt-key-unknown',
    ],
    ['crit', withSecret, bearer(token(valid, { header: { crit: ['exp'], exp: 1 } })), 'jwt-malformed'],
    ['an empty crit', withSecret, bearer(token(valid, { header: { crit: [] } })), 'jwt-malformed'],
    [
      'an algorithm that is a list',
      withSecret,
      bearer(`${part({ alg: ['HS256'] })}.${part(valid)}.YQ`),
      'jwt-malformed',
    ],
    ['no algorithm', withSecret, bearer(`${part({})}.${part(valid)}.YQ`), 'jwt-malformed'],
    ['a claim twice', withSecret, bearer(token(`{"sub":"ada","sub":"eve","exp":${SECONDS + 60}}`)), 'jwt-malformed'],
    ['claims that are a list', withSecret, bearer(token([valid])), 'jwt-malformed'],
    ['white space within', withSecret, bearer(token(valid).replace('.', '. ')), 'jwt-malformed'],
    ['a token without end', withSecret, bearer(token({ ...valid, x: 'x'.repeat(20_000) })), 'jwt-too-large'],
    ['another secret', withSecret, bearer(token(valid, { secret: 'x'.repeat(64) })), 'jwt-signature'],
  ]
  for (const [what, settings, authorization, code] of cases)
    test(`${what}: ${code}`, async () => {
      const { x, code: got } = await ask(settings, authorization)
      assert.equal(got, code)
      assert.deepEqual([x.consumer, x.claims], [null, null])
    })
})

describe('key sets', () => {
  const url = 'https://id.example/jwks.json'
  const settings: Partial<Config> = { keySets: [{ url, algorithms: ['RS256', 'ES256'] }] }
  const setOf = (...jwks: object[]): OutgoingResponse => ({
    status: 200,
    headers: new Map(),
    body: Buffer.from(JSON.stringify({ keys: jwks })),
  })
  const jwk = (kid: string) => ({ ...rsa.publicKey.export({ format: 'jwk' }), kid })
  const signed = (kid: string, claims: object = valid) => bearer(token(claims, { alg: 'RS256', header: { kid } }))

  /** A world in which time passes and the set changes. */
  function world(answer: () => OutgoingResponse | Promise<OutgoingResponse>) {
    const state = { now: NOW, calls: 0, answer }
    const env = fakeEnv({
      now: () => state.now,
      fetch: async () => {
        state.calls++
        return state.answer()
      },
    })
    return { state, env }
  }
  const live = { sub: 'ada', exp: SECONDS + 1_000_000 }

  test('is fetched once for many, and kept', async () => {
    const { state, env } = world(() => setOf(jwk('a')))
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(settings, signed('a', { ...live, jti: i }), env)),
    )
    assert.ok(codes.every(({ code }) => code === undefined))
    assert.equal(state.calls, 1)
  })

  test('an unknown key is asked for, at most every ten seconds', async () => {
    const { state, env } = world(() => setOf(jwk('a')))
    await ask(settings, signed('a', live), env)
    assert.equal((await ask(settings, signed('b', live), env)).code, 'jwt-key-unknown')
    assert.equal(state.calls, 1)
    state.now += 11_000
    state.answer = () => setOf(jwk('a'), jwk('b'))
    assert.equal((await ask(settings, signed('b', live), env)).code, undefined)
    assert.equal(state.calls, 2)
    for (let i = 0; i < 50; i++) await ask(settings, signed(`made-up-${i}`, live), env)
    assert.equal(state.calls, 2)
  })

  test('the last good one serves for a day while it cannot be fetched, then nobody comes in', async () => {
    const { state, env } = world(() => setOf(jwk('a')))
    await ask(settings, signed('a', live), env)
    state.answer = () => Promise.reject(new OutgoingFailure('timeout', 'it hangs'))
    state.now += 23 * 3_600_000
    assert.equal((await ask(settings, signed('a', { ...live, jti: 1 }), env)).code, undefined)
    state.now += 2 * 3_600_000
    assert.equal((await ask(settings, signed('a', { ...live, jti: 2 }), env)).code, 'jwks-unavailable')
  })

  const faults: [what: string, answer: () => OutgoingResponse | Promise<OutgoingResponse>][] = [
    ['nobody answers', () => Promise.reject(new OutgoingFailure('unreachable', 'nobody'))],
    ['it hangs', () => Promise.reject(new OutgoingFailure('timeout', 'late'))],
    ['it is huge', () => Promise.reject(new OutgoingFailure('too-large', 'huge'))],
    ['it answers 500', () => ({ status: 500, headers: new Map(), body: Buffer.from('') })],
    ['it answers with a page', () => ({ status: 200, headers: new Map(), body: Buffer.from('<html>') })],
    ['it answers with null', () => ({ status: 200, headers: new Map(), body: Buffer.from('null') })],
    ['it has no keys', () => setOf()],
    ['it has only secrets', () => setOf({ kty: 'oct', k: part('x'), kid: 'a' })],
    ['its keys are rubbish', () => setOf({ kty: 'RSA', n: '!', e: '!', kid: 'a' }, null as unknown as object)],
  ]
  for (const [what, answer] of faults)
    test(`${what}: nobody comes in`, async () => {
      const { state, env } = world(answer)
      for (let i = 0; i < 5; i++) assert.equal((await ask(settings, signed('a'), env)).code, 'jwks-unavailable')
      assert.equal(state.calls, 1, 'whoever does not answer is asked again and again')
    })

  test('a static key does not wait for a set that cannot be had', async () => {
    const { env } = world(() => Promise.reject(new OutgoingFailure('timeout', 'late')))
    assert.equal((await ask({ ...settings, ...withSecret }, bearer(token(valid)), env)).code, undefined)
  })
})

test('a token that was verified is known until it expires', async () => {
  let now = NOW
  const handlers = jwt.create({ ...none, ...withSecret } as Config, fakeEnv({ now: () => now }))
  const authorization = bearer(token({ sub: 'ada', exp: SECONDS + 60 }))
  const codeAt = (seconds: number) => {
    now = NOW + seconds * 1000
    const outcome = handlers.onRequest?.(exchange({ headers: { authorization } })) as Outcome
    return outcome !== undefined && 'reply' in outcome ? outcome.reply : outcome
  }
  assert.deepEqual([0, 1, 59, 60, 61].map(codeAt), [undefined, undefined, undefined, 'jwt-expired', 'jwt-expired'])
})

describe('settings that could not work are refused at save', () => {
  const cases: [what: string, settings: Partial<Config>, told: RegExp][] = [
    ['no key at all', {}, /There is no key/],
    ['a secret that is short', { secrets: [{ algorithm: 'HS256', secret: 'short' }] }, /at least 32 bytes/],
    ['a key that is none', { publicKeys: [{ algorithm: 'RS256', pem: 'x' }] }, /cannot be read/],
    ['a header that is none', { ...withSecret, header: 'a b' }, /not a header name/],
  ]
  for (const [what, settings, told] of cases)
    test(what, () => assert.match(jwt.check?.({ ...none, ...settings }, { pathVariables: [] })[0]?.message ?? '', told))
})
