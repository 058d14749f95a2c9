import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { newAuthority } from '../lib/fake-authority.ts'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { mtls } from './mtls.ts'
import type { ExchangeTls, PeerCertificates } from './plugin.ts'

const root = newAuthority('Root')
const middle = root.authority('Middle')
const stranger = newAuthority('Stranger')
const alice = middle.issue({
  commonName: 'alice',
  names: ['alice.example', '10.0.0.1'],
  uris: ['spiffe://example/team/alice'],
  usage: 'client',
})
const bob = root.issue({ commonName: 'bob', usage: 'client' })
const mallory = stranger.issue({ commonName: 'alice', usage: 'client' })
const forged = newAuthority('Middle').issue({ commonName: 'alice' })
// Signed by somebody who may not sign.
const leafSigned = root.issue({ commonName: 'carol' })

const parse = (...pems: string[]) => pems.map((pem) => new X509Certificate(pem))
const shown = (...pems: string[]): PeerCertificates => ({ chain: parse(...pems), error: null })
const rejected = (error: string, ...pems: string[]): PeerCertificates => ({ chain: parse(...pems), error })
const over = (client: PeerCertificates | null, serverName = 'api.localhost'): ExchangeTls => ({
  serverName,
  version: 'TLSv1.3',
  client,
})
const settings = { authorities: root.certificate, allow: [] as string[], forward: false, groups: ['partners'] }
const now = Date.now()
const YEAR_MS = 31_536_000_000

interface Case {
  title: string
  tls: ExchangeTls | null
  config?: Partial<typeof settings>
  at?: number
  reply?: string
}
const viaMiddle = over(shown(alice.certificate, middle.certificate))
const cases: readonly Case[] = [
  { title: 'no TLS', tls: null, reply: 'mtls-no-tls' },
  { title: 'a connection that was not asked', tls: over(null), reply: 'mtls-misdirected' },
  { title: 'no certificate', tls: over(shown()), reply: 'mtls-missing' },
  { title: 'no certificate, for another host', tls: over(shown(), 'other.localhost'), reply: 'mtls-misdirected' },
  { title: 'one by the authority', tls: over(shown(bob.certificate)) },
  { title: 'one with what is between', tls: viaMiddle },
  { title: 'one with the authority too', tls: over(shown(alice.certificate, middle.certificate, root.certificate)) },
  { title: 'one without what is between', tls: over(shown(alice.certificate)), reply: 'mtls-invalid' },
  {
    title: 'an authority that is between',
    tls: over(shown(alice.certificate)),
    config: { authorities: middle.certificate },
  },
  {
    title: 'one that is listed itself',
    tls: over(shown(mallory.certificate)),
    config: { authorities: mallory.certificate },
  },
  {
    title: 'one of several authorities',
    tls: viaMiddle,
    config: { authorities: stranger.certificate + root.certificate },
  },
  { title: 'one by a stranger', tls: over(shown(mallory.certificate)), reply: 'mtls-invalid' },
  {
    title: 'one whose issuer only has the name',
    tls: over(shown(forged.certificate, middle.certificate)),
    reply: 'mtls-invalid',
  },
  {
    title: 'one between that may not sign',
    tls: over(shown(leafSigned.certificate, bob.certificate)),
    config: { authorities: stranger.certificate },
    reply: 'mtls-invalid',
  },
  {
    title: 'one that TLS does not take',
    tls: over(rejected('CERT_HAS_EXPIRED', bob.certificate)),
    reply: 'mtls-invalid',
  },
  {
    title: 'one that TLS does not take for another host',
    tls: over(rejected('UNABLE_TO_GET_ISSUER_CERT', bob.certificate), 'other.localhost'),
    reply: 'mtls-misdirected',
  },
  { title: 'one that has expired since', tls: viaMiddle, at: now + YEAR_MS, reply: 'mtls-invalid' },
  { title: 'one that does not hold yet', tls: viaMiddle, at: now - YEAR_MS, reply: 'mtls-invalid' },
  ...[
    'cn:alice',
    'cn:al*',
    'subject:CN=alice',
    'dns:ALICE.example',
    'dns:*.example',
    'uri:spiffe://example/*/alice',
    'ip:10.0.0.1',
    `fingerprint:${parse(alice.certificate)[0]?.fingerprint256.toLowerCase()}`,
  ].map((rule): Case => ({ title: rule, tls: viaMiddle, config: { allow: ['cn:nobody', rule] } })),
  ...[
    'cn:ALICE',
    'cn:bob',
    'cn:alic',
    'dns:*.example.com',
    'uri:spiffe://example/alice*',
    'email:*',
    'cn:*aliceX*',
  ].map((rule): Case => ({ title: rule, tls: viaMiddle, config: { allow: [rule] }, reply: 'mtls-denied' })),
]
for (const { title, tls, config = {}, at = now, reply } of cases)
  test(`${title}: ${reply ?? 'passes'}`, () => {
    const { onRequest } = mtls.create({ ...settings, ...config }, fakeEnv({ now: () => at }))
    const x = exchange({ tls, host: 'api.localhost:8443' })
    for (const _ of ['first', 'again']) {
      const outcome = onRequest?.(x) as { reply?: string } | undefined
      assert.equal(outcome?.reply, reply)
      assert.equal(x.consumer === null, reply !== undefined)
      assert.equal(x.certificate === null, reply !== undefined)
    }
  })

test('says who it is, and tells the backend if it is to', () => {
  const { onRequest } = mtls.create({ ...settings, forward: true }, fakeEnv({ now: () => now }))
  const x = exchange({ tls: viaMiddle })
  onRequest?.(x)
  assert.deepEqual(x.consumer, { id: 'CN=alice', name: 'alice', groups: ['partners'] })
  assert.equal(x.request.headers.get('client-cert'), `:${parse(alice.certificate)[0]?.raw.toString('base64')}:`)
  assert.match(x.certificate?.names ?? '', /DNS:alice\.example.*URI:spiffe/)
})

test('settings that are wrong are told with their places', () => {
  const problems = (config: Partial<typeof settings>) =>
    mtls.check?.({ ...settings, ...config }, { pathVariables: [] }).map(({ path }) => path)
  assert.deepEqual(problems({}), [])
  assert.deepEqual(problems({ authorities: 'x', allow: ['cn:a', 'cn', 'age:5', 'dns:'] }), [
    '/authorities',
    '/allow/1',
    '/allow/2',
    '/allow/3',
  ])
  assert.deepEqual(problems({ authorities: alice.certificate }), ['/authorities'])
  assert.deepEqual(problems({ authorities: alice.key }), ['/authorities'])
})
