import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { BACKEND_MARK } from '../../src/plugins/backend-setting.ts'
import { plugins } from '../../src/plugins/registry.ts'
import { call } from '../support/design.ts'
import { rawRequest, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Secrets in a setup: written in clear once, and never told again. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

const CLEAR = 'correct horse battery staple 32 bytes'
const settings: Readonly<Record<string, (secret: string) => object>> = {
  'access-log': (secret) => ({ sinks: [{ http: { url: 'http://127.0.0.1:9/', secret } }] }),
  'basic-auth': (password) => ({ users: [{ name: 'ada', password }] }),
  'hmac-auth': (secret) => ({ keys: [{ id: 'orders', secret }] }),
  jwt: (secret) => ({ secrets: [{ algorithm: 'HS256', secret }] }),
  'oauth2-introspection': (clientSecret) => ({ url: 'http://127.0.0.1:9/', clientId: 'gateway', clientSecret }),
}

/** A schema without the backends in it: the secrets of those are tried by themselves. */
function ownSecrets(schema: object): string {
  return JSON.stringify(schema, (_, part) => (part?.[BACKEND_MARK] === true ? undefined : part))
}

test('every plugin that has a secret is tried here', () =>
  assert.deepEqual(
    plugins
      .filter(({ config }) => ownSecrets(config).includes('"x-protect"'))
      .map(({ name }) => name)
      .sort(),
    Object.keys(settings).sort(),
  ))

/** A service with the plugin in every place that there is, each with a secret of its own. */
function setup(plugin: string, secret: string): object {
  const secured = (place: string) => ({ plugins: [{ plugin, config: settings[plugin]?.(`${secret} ${place}`) }] })
  const method = { backend: { kind: 'mock' }, ...secured('method') }
  return {
    turnpike: 1,
    services: {
      shop: {
        design: { paths: { '/a': { ...secured('path'), methods: { GET: method } } } },
        stages: {
          live: { isDefault: true, ...secured('stage'), overlay: { '/a': secured('node'), 'GET /a': secured('end') } },
        },
      },
    },
  }
}

interface Plan {
  readonly changes: { readonly kind: string; readonly name: string; readonly differences: { text: string }[] }[]
  readonly fingerprint: string
}
const plan = async (document: object) =>
  (await call(turnpike, 'POST', '/declarative/plan', { document, prune: true })) as unknown as Plan
const apply = async (document: object, options: object = {}) =>
  (await call(turnpike, 'POST', '/declarative/apply', { document, prune: true, ...options })) as unknown as Plan
const exported = () => call(turnpike, 'GET', '/declarative')

for (const plugin of Object.keys(settings))
  describe(`secrets of ${plugin}`, () => {
    const document = setup(plugin, CLEAR)

    test('are in nothing that is told: not in the plan, the result, the export, the audit log', async () => {
      await apply({ turnpike: 1, services: {} })
      const planned = await plan(document)
      const { fingerprint } = planned
      assert.equal((await plan(document)).fingerprint, fingerprint, 'a plan is another one each time')
      const applied = await apply(document, { fingerprint })
      const others = await Promise.all(
        ['/declarative', '/audit?limit=50', '/services/shop/stages/live', '/services/shop/resources'].map((path) =>
          call(turnpike, 'GET', path),
        ),
      )
      for (const told of [planned, applied, ...others]) assert.ok(!JSON.stringify(told).includes(CLEAR))
    })

    test('are protected in the export, each as what it is', async () => {
      const kept = JSON.stringify(await exported()).match(/\$(?:sealed|argon2id)\$[^"]+/g) ?? []
      assert.equal(new Set(kept).size, 5)
    })

    test('change nothing when they are applied again: in clear, or as they are exported', async () => {
      assert.deepEqual((await apply(document)).changes, [])
      const before = await exported()
      assert.deepEqual((await apply(before)).changes, [])
      assert.deepEqual(await exported(), before)
    })

    test('are one change where one of them changes, which does not tell them', async () => {
      const one = structuredClone(document) as Json & { services: Json }
      Object.assign(one.services.shop?.stages?.live ?? {}, {
        plugins: [{ plugin, config: settings[plugin]?.('another one, of 32 bytes at least') }],
      })
      const { changes } = await plan(one)
      assert.deepEqual(
        changes.map(({ kind, name }) => [kind, name]),
        [['stage', 'live']],
      )
      assert.ok(!JSON.stringify(changes).includes('another one'))
    })
  })

test('the key of a client certificate is told nowhere, and kept by what an export has of it', async () => {
  const read = (name: string) => readFileSync(new URL(`../../src/design/testdata/${name}`, import.meta.url), 'utf8')
  const tls = { certificate: read('client.pem'), key: read('client-key.pem') }
  const backend = { targets: [{ url: 'https://127.0.0.1:9' }], tls }
  const mirror = { plugin: 'mirror', config: { backend } }
  const live = { isDefault: true, backend, plugins: [mirror], overlay: { '/': { backend } } }
  const document = { turnpike: 1, services: { shop: { stages: { live } } } }
  await apply({ turnpike: 1, services: {} })
  const planned = await plan(document)
  const applied = await apply(document, { deploy: true })
  const before = await exported()
  const others = await Promise.all(
    [
      '/audit?limit=50',
      '/services/shop/stages/live',
      '/services/shop/stages/live/backends',
      '/services/shop/stages/live/changes',
      '/services/shop/stages/live/deployments/1/snapshot',
    ].map((path) => call(turnpike, 'GET', path)),
  )
  const wrong = { ...tls, certificate: '-----BEGIN CERTIFICATE-----' }
  const refused = await turnpike.api('PATCH', '/services/shop/stages/live', { backend: { ...backend, tls: wrong } })
  assert.equal(refused.status, 422)
  const secret = tls.key.split('\n')[1] ?? ''
  assert.ok(secret.length > 40)
  for (const told of [planned, applied, before, refused.body, ...others])
    assert.ok(!JSON.stringify(told).includes(secret), JSON.stringify(told))
  assert.equal(JSON.stringify(before).match(/\$sealed\$/g)?.length, 3)
  assert.deepEqual((await apply(before)).changes, [])
  assert.deepEqual((await apply(document)).changes, [])
})

test('what another installation has encrypted is refused, with its place', async () => {
  const sealed = `$sealed$${Buffer.alloc(40).toString('base64url')}`
  const place = { plugins: [{ plugin: 'hmac-auth', config: settings['hmac-auth']?.(sealed) }] }
  const document = {
    turnpike: 1,
    services: {
      shop: { design: { paths: { '/a': place } }, stages: { live: { ...place, overlay: { '/a': place } } } },
    },
  }
  const { status, body } = await turnpike.api('POST', '/declarative/plan', { document })
  assert.equal(status, 422)
  assert.deepEqual(
    (body.errors as unknown as { path: string; message: string }[]).map(({ path, message }) => [
      path,
      message.slice(0, 52),
    ]),
    ['/services/shop/design/paths/~1a', '/services/shop/stages/live/overlay/~1a', '/services/shop/stages/live'].map(
      (at) => [`${at}/plugins/0/config/keys/0/secret`, 'The secret was encrypted by another installation of '],
    ),
  )
})

test('a password still lets in when it was exported and applied', async () => {
  const users = settings['basic-auth']?.(CLEAR)
  const document = {
    turnpike: 1,
    services: {
      shop: {
        design: { paths: { '/a': { methods: { GET: { backend: { kind: 'mock' } } } } } },
        stages: { live: { isDefault: true, plugins: [{ plugin: 'basic-auth', config: users }] } },
      },
    },
  }
  await apply(document)
  const kept = await exported()
  await apply({ turnpike: 1, services: {} })
  await apply(kept, { deploy: true })
  const statusFor = async (password: string) => {
    const credentials = Buffer.from(`ada:${password}`).toString('base64')
    const head = `GET /a HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\nAuthorization: Basic ${credentials}`
    return statuses(await rawRequest(turnpike.gatewayPort, `${head}\r\n\r\n`))
  }
  assert.deepEqual(await statusFor(CLEAR), [200])
  assert.deepEqual(await statusFor('wrong'), [401])
})
