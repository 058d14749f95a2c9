import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { alternativeNames } from './alternative-names.ts'
import { isIssuedBy } from './certificate-chain.ts'
import { makeCertificate, newPrivateKey } from './make-certificate.ts'

const notBefore = new Date('2026-01-01T00:00:00Z')
const notAfter = new Date('2051-06-07T08:09:10Z')

test('a certificate says what it was asked to say', () => {
  const key = newPrivateKey()
  const names = ['localhost', '*.localhost', '127.0.0.1', '2001:db8::1']
  const uris = ['spiffe://example/a,b']
  const pem = makeCertificate({ commonName: 'Wörld, Inc', names, uris, notBefore, notAfter, key, usage: 'server' })
  const made = new X509Certificate(pem)
  assert.equal(made.subject, 'CN=Wörld\\, Inc')
  assert.equal(made.issuer, made.subject)
  assert.deepEqual(alternativeNames(made.subjectAltName), {
    dns: ['localhost', '*.localhost'],
    addresses: ['127.0.0.1', '2001:DB8:0:0:0:0:0:1'],
    uris,
    emails: [],
  })
  assert.deepEqual([made.validFromDate, made.validToDate], [notBefore, notAfter])
  assert.deepEqual(made.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(made.ca, false)
  assert.ok(made.checkPrivateKey(key))
  assert.ok(made.verify(made.publicKey))
})

for (const [kind, key] of [
  ['EC', newPrivateKey()],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
] as const)
  test(`an authority with a key of ${kind} signs others`, () => {
    const issuer = { commonName: 'Authority', key }
    const authority = new X509Certificate(makeCertificate({ ...issuer, notBefore, notAfter, isAuthority: true }))
    const signed = new X509Certificate(
      makeCertificate({ commonName: 'b', names: ['b.example'], notBefore, notAfter, key: newPrivateKey(), issuer }),
    )
    assert.equal(authority.ca, true)
    assert.ok(isIssuedBy(signed, authority))
    assert.ok(!isIssuedBy(authority, signed))
  })

test('an authority for some names alone says so', () => {
  const permitted = ['localhost', '127.0.0.1', '::1']
  const key = newPrivateKey()
  const made = new X509Certificate(
    makeCertificate({ commonName: 'Local', notBefore, notAfter, isAuthority: true, permitted, key }),
  )
  assert.ok(made.ca)
  // The bytes of the extension: [0] { { [2] localhost }, { [7] 127.0.0.1/32 }, … }
  assert.ok(made.raw.includes(Buffer.from('82096c6f63616c686f7374', 'hex')))
  assert.ok(made.raw.includes(Buffer.from('87087f000001ffffffff', 'hex')))
})
