import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cors } from './cors.ts'
import { exchange, fakeEnv } from './fake-exchange.ts'
import type { Exchange, Reply } from './plugin.ts'

type Config = Parameters<typeof cors.create>[0]
const defaults: Config = {
  origins: ['https://app.example.com'],
  methods: ['GET', 'POST'],
  headers: [],
  exposedHeaders: [],
  credentials: false,
  maxAge: 600,
  privateNetwork: false,
}

const told = (headers: Iterable<readonly [string, string]>) =>
  [...headers].map(([name, value]) => `${name.toLowerCase().replace('access-control-', '')}: ${value}`).sort()

/** The answer to a preflight request, its headers without "access-control-". */
function preflight(config: Partial<Config>, headers: Record<string, string>): string[] {
  const x = exchange({ method: 'OPTIONS', headers: { 'access-control-request-method': 'PUT', ...headers } })
  const reply = cors.create({ ...defaults, ...config }, fakeEnv()).onRequest?.(x) as Extract<Reply, { status: number }>
  assert.equal(reply.status, 204)
  return told(reply.headers)
}

/** What an answer carries then. */
function simple(config: Partial<Config>, origin: string | null, before: Record<string, string> = {}): string[] {
  const x = exchange(origin === null ? {} : { headers: { origin } })
  x.response.status = 200
  for (const [name, value] of Object.entries(before)) x.response.headers.add(name, value)
  const handlers = cors.create({ ...defaults, ...config }, fakeEnv())
  assert.equal(handlers.onRequest?.(x), undefined)
  handlers.onResponse?.(x)
  return told(x.response.headers)
}

const APP = 'https://app.example.com'
const VARY = 'vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers'

describe('preflight requests', () => {
  const cases: readonly [
    title: string,
    config: Partial<Config>,
    headers: Record<string, string>,
    expected: string[],
  ][] = [
    [
      'of an allowed origin',
      {},
      { origin: APP },
      ['allow-methods: GET, POST', `allow-origin: ${APP}`, 'max-age: 600', VARY],
    ],
    ['of another origin get no allowance', {}, { origin: 'https://evil.example' }, [VARY]],
    [
      'of any origin',
      { origins: ['*'] },
      { origin: 'https://x' },
      ['allow-methods: GET, POST', 'allow-origin: *', 'max-age: 600', VARY],
    ],
    [
      'with credentials and headers',
      { credentials: true, headers: ['x-a', 'x-b'] },
      { origin: APP, 'access-control-request-headers': 'x-a' },
      [
        'allow-credentials: true',
        'allow-headers: x-a, x-b',
        'allow-methods: GET, POST',
        `allow-origin: ${APP}`,
        'max-age: 600',
        VARY,
      ],
    ],
    [
      'with everything allowed',
      { methods: ['*'], headers: ['*'], maxAge: 0 },
      { origin: APP, 'access-control-request-headers': 'x-a,authorization' },
      ['allow-headers: x-a,authorization', 'allow-methods: PUT', `allow-origin: ${APP}`, 'max-age: 0', VARY],
    ],
    [
      'into a private network',
      { privateNetwork: true },
      { origin: APP, 'access-control-request-private-network': 'true' },
      ['allow-methods: GET, POST', `allow-origin: ${APP}`, 'allow-private-network: true', 'max-age: 600', VARY],
    ],
    [
      'into a private network that is closed',
      {},
      { origin: APP, 'access-control-request-private-network': 'true' },
      ['allow-methods: GET, POST', `allow-origin: ${APP}`, 'max-age: 600', VARY],
    ],
  ]
  for (const [title, config, headers, expected] of cases)
    test(title, () => assert.deepEqual(preflight(config, headers), expected.toSorted()))

  for (const [title, parts] of [
    ['OPTIONS without an origin', { headers: { 'access-control-request-method': 'GET' } }],
    ['OPTIONS without a method', { headers: { origin: APP } }],
  ] as const) {
    test(`${title} is not one`, () =>
      assert.equal(cors.create(defaults, fakeEnv()).onRequest?.(exchange({ method: 'OPTIONS', ...parts })), undefined))
  }
})

describe('answers', () => {
  const cases: readonly [
    title: string,
    config: Partial<Config>,
    origin: string | null,
    before: Record<string, string>,
    expected: string[],
  ][] = [
    ['to an allowed origin', {}, APP, {}, [`allow-origin: ${APP}`, 'vary: Origin']],
    ['to another origin say nothing', {}, 'https://evil.example', {}, ['vary: Origin']],
    ['without an origin still vary', {}, null, {}, ['vary: Origin']],
    ['to any origin do not vary', { origins: ['*'] }, APP, {}, ['allow-origin: *']],
    [
      'with credentials',
      { credentials: true },
      APP,
      {},
      ['allow-credentials: true', `allow-origin: ${APP}`, 'vary: Origin'],
    ],
    [
      'with exposed headers',
      { exposedHeaders: ['x-a'] },
      APP,
      {},
      [`allow-origin: ${APP}`, 'expose-headers: x-a', 'vary: Origin'],
    ],
    [
      'of a backend with a policy of its own',
      {},
      APP,
      { 'Access-Control-Allow-Origin': '*' },
      [`allow-origin: ${APP}`, 'vary: Origin'],
    ],
    [
      'of a backend to another origin',
      {},
      'https://evil.example',
      { 'Access-Control-Allow-Origin': '*' },
      ['vary: Origin'],
    ],
    ['that vary already', {}, APP, { vary: 'Accept, origin' }, [`allow-origin: ${APP}`, 'vary: Accept, origin']],
    [
      'that vary by something else',
      {},
      APP,
      { vary: 'Accept' },
      [`allow-origin: ${APP}`, 'vary: Accept', 'vary: Origin'],
    ],
  ]
  for (const [title, config, origin, before, expected] of cases)
    test(title, () => assert.deepEqual(simple(config, origin, before), expected.toSorted()))

  test('know the origin even when a plugin has changed the request', () => {
    const x: Exchange = exchange({ headers: { origin: APP } })
    const handlers = cors.create(defaults, fakeEnv())
    handlers.onRequest?.(x)
    x.request.headers.remove('origin')
    handlers.onResponse?.(x)
    assert.equal(x.response.headers.get('access-control-allow-origin'), APP)
  })
})

describe('origins', () => {
  const cases: readonly [listed: string, origin: string, isAllowed: boolean][] = [
    ['https://a.example', 'https://a.example', true],
    ['https://a.example', 'http://a.example', false],
    ['https://a.example', 'https://a.example:8443', false],
    ['https://a.example', 'https://A.example', false],
    ['https://a.example', 'https://a.example.evil.com', false],
    ['https://*.example.com', 'https://a.example.com', true],
    ['https://*.example.com', 'https://a.b.example.com', true],
    ['https://*.example.com', 'https://example.com', false],
    ['https://*.example.com', 'https://.example.com', false],
    ['https://*.example.com', 'https://evil-example.com', false],
    ['https://*.example.com', 'https://evil.com/.example.com', false],
    ['https://*.example.com', 'http://a.example.com', false],
    ['https://*.example.com:8443', 'https://a.example.com:8443', true],
    ['null', 'null', true],
    ['https://a.example', 'null', false],
  ]
  for (const [listed, origin, isAllowed] of cases) {
    test(`${origin} ${isAllowed ? 'is' : 'is not'} allowed by ${listed}`, () =>
      assert.equal(simple({ origins: [listed] }, origin).includes(`allow-origin: ${origin}`), isAllowed))
  }
})

describe('what is refused', () => {
  const cases: readonly [config: Partial<Config>, path: string, message: RegExp][] = [
    [{ origins: ['*'], credentials: true }, '/origins/0', /list the origins/],
    [{ origins: ['*', 'https://a'] }, '/origins/0', /leave the others out/],
    [{ origins: ['https://a/'] }, '/origins/0', /write "https:\/\/a"/],
    [{ origins: ['https://A.example'] }, '/origins/0', /write "https:\/\/a.example"/],
    [{ origins: ['https://a:443'] }, '/origins/0', /write "https:\/\/a"/],
    [{ origins: ['https://*.A.example'] }, '/origins/0', /write "https:\/\/\*\.a\.example"/],
    [{ origins: ['a.example'] }, '/origins/0', /not an origin/],
    [{ origins: ['https://a*.example'] }, '/origins/0', /not an origin/],
    [{ methods: ['get'] }, '/methods/0', /upper case/],
    [{ headers: ['x y'] }, '/headers/0', /header name/],
    [{ exposedHeaders: ['*'], credentials: true }, '/exposedHeaders', /list the headers/],
  ]
  for (const [config, path, message] of cases) {
    test(JSON.stringify(config), () => {
      const [problem] = cors.check?.({ ...defaults, ...config }, { pathVariables: [] }) ?? []
      assert.equal(problem?.path, path)
      assert.match(problem?.message ?? '', message)
    })
  }

  test('nothing of what is right', () => assert.deepEqual(cors.check?.(defaults, { pathVariables: [] }), []))
})
