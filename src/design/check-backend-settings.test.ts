import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { createVault, isSealed, KEY_BYTES } from '../lib/vault.ts'
import type { Backend, BackendConnections, BackendHealth, BackendTls, PassiveHealth } from '../model/backend.ts'
import { checkBackend } from './check-backend.ts'
import { expiredCertificates } from './check-backend-settings.ts'

const read = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8')
const [certificate, key, otherKey] = [read('client.pem'), read('client-key.pem'), read('other-key.pem')]
const vault = createVault(Buffer.alloc(KEY_BYTES, 7))
const elsewhere = createVault(Buffer.alloc(KEY_BYTES, 8))

const targets = [{ url: 'https://a', weight: 1 }]
const tls = (more: Partial<BackendTls>): Partial<Backend> => ({ tls: { verify: true, ...more } })
const passive: PassiveHealth = {
  consecutive: 5,
  inWindow: 0,
  window: 10,
  statuses: [],
  ejection: 10,
  maxEjection: 300,
}
const active = {
  kind: 'http' as const,
  method: 'GET' as const,
  path: '/',
  statuses: ['2xx'],
  interval: 10,
  jitterPercent: 10,
  timeout: 2,
  healthyAfter: 2,
  unhealthyAfter: 3,
}
const health = (more: Partial<BackendHealth>): Partial<Backend> => ({
  health: { slowStart: 0, panicPercent: 50, ...more },
})
const connections = (more: Partial<BackendConnections>): Partial<Backend> => ({
  connections: { limit: 0, queue: 0, queueTimeout: 1, idle: 8, idleTimeout: 60, ...more },
})

describe('settings that are right', () => {
  const cases: readonly [what: string, backend: Partial<Backend>][] = [
    ['none', {}],
    ['a CA', tls({ ca: `# ours\n${certificate}` })],
    ['a client certificate with those of its issuers', tls({ certificate: certificate + certificate, key })],
    ['a key that is encrypted already', tls({ certificate, key: vault.seal(key) })],
    ['a hash by cookie', { balancing: { method: 'consistent-hash', key: 'cookie', name: 'sid' } }],
    ['least requests', { balancing: { method: 'least-requests', key: 'ip' } }],
    ['a limit with a queue', connections({ limit: 1, queue: 1 })],
    ['passive checks', health({ passive })],
    ['active checks', health({ active })],
    ['a socket beside a host', { targets: [...targets, { url: 'unix:/run/a.sock', weight: 1 }] }],
  ]
  for (const [what, more] of cases)
    test(what, () => assert.deepEqual(checkBackend({ targets, ...more }, '/backend', vault).problems, []))
})

describe('settings that are wrong are named, with their place', () => {
  const cases: readonly [what: string, backend: Partial<Backend>, path: string, told: RegExp][] = [
    ['TLS without https', { ...tls({}), targets: [{ url: 'http://a', weight: 1 }] }, '/tls', /No target has https/],
    ['a CA that is none', tls({ ca: '-----BEGIN NONSENSE-----' }), '/tls/ca', /not certificates in PEM/],
    ['a CA that is broken', tls({ ca: certificate.replace('MII', 'MIA') }), '/tls/ca', /not certificates in PEM/],
    ['a CA that verifies nothing', tls({ ca: certificate, verify: false }), '/tls/ca', /has no effect/],
    ['a certificate without its key', tls({ certificate }), '/tls/key', /needs its key/],
    ['a key without its certificate', tls({ key }), '/tls/certificate', /needs its certificate/],
    [
      'a key of another certificate',
      tls({ certificate, key: otherKey }),
      '/tls/key',
      /not that of the first certificate/,
    ],
    [
      'that, encrypted',
      tls({ certificate, key: vault.seal(otherKey) }),
      '/tls/key',
      /not that of the first certificate/,
    ],
    ['a key that is none', tls({ certificate, key: 'secret' }), '/tls/key', /not a private key/],
    [
      'a key of another installation',
      tls({ certificate, key: elsewhere.seal(key) }),
      '/tls/key',
      /another installation/,
    ],
    [
      'a hash without a name',
      { balancing: { method: 'consistent-hash', key: 'header' } },
      '/balancing/name',
      /which header/,
    ],
    [
      'a name of nothing',
      { balancing: { method: 'consistent-hash', key: 'ip', name: 'a' } },
      '/balancing/name',
      /has no name/,
    ],
    ['a key of no hash', { balancing: { method: 'round-robin', key: 'cookie' } }, '/balancing/key', /has no key/],
    ['a queue without a limit', connections({ queue: 1 }), '/connections/queue', /Without a limit/],
    ['health of nothing', health({}), '/health', /needs "active" or "passive"/],
    [
      'checks that overtake one another',
      health({ active: { ...active, interval: 1 } }),
      '/health/active/timeout',
      /at most the interval, 1/,
    ],
    [
      'failures that do nothing',
      health({ passive: { ...passive, consecutive: 0 } }),
      '/health/passive',
      /No number of failures/,
    ],
    [
      'a longest time that is shorter',
      health({ passive: { ...passive, maxEjection: 5 } }),
      '/health/passive/maxEjection',
      /no shorter/,
    ],
  ]
  for (const [what, more, path, told] of cases) {
    test(what, () => {
      const { problems } = checkBackend({ targets, ...more }, '/backend', vault)
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [`/backend${path}`],
      )
      assert.match(problems[0]?.message ?? '', told)
      assert.ok(!JSON.stringify(problems).includes('PRIVATE KEY'), 'no key is told')
    })
  }
})

test('the key is encrypted, always as the same text, and stays so', () => {
  const given = { targets, ...tls({ certificate, key }) }
  const { backend } = checkBackend(given, '/backend', vault)
  assert.ok(isSealed(backend.tls?.key ?? ''))
  assert.equal(backend.tls?.certificate, certificate)
  assert.deepEqual(checkBackend(backend, '/backend', vault).backend, backend)
  assert.equal(given.tls?.key, key, 'what was given is not changed')
})

test('certificates that hold no longer are named', () => {
  const now = new X509Certificate(certificate).validToDate.getTime()
  const given = { verify: true, certificate, key, ca: certificate }
  assert.deepEqual(expiredCertificates(given, now), [])
  assert.deepEqual(
    expiredCertificates(given, now + 1).map(({ path }) => path),
    ['/tls/certificate', '/tls/ca'],
  )
  assert.deepEqual(expiredCertificates(undefined, now + 1), [])
})
