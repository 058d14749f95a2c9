import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { readChain } from './certificate-chain.ts'
import { newAuthority } from './fake-authority.ts'
import { newPrivateKey } from './make-certificate.ts'

const DAY_MS = 86_400_000
const root = newAuthority('Root')
const middle = root.authority('Middle')
const about = { commonName: 'a', names: ['a.example', '*.A.example'], usage: 'server' } as const
const leaf = middle.issue(about)
const other = middle.issue({ ...about, commonName: 'b' })
const pem = (key: ReturnType<typeof newPrivateKey>) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const expired = middle.issue({ ...about, notAfter: new Date(Date.now() - DAY_MS) })
const early = middle.issue({ ...about, notBefore: new Date(Date.now() + DAY_MS) })
const nameless = middle.issue({ commonName: 'a.example' })
const oddName = middle.issue({ commonName: 'a', names: ['a*.example'] })
const forClients = middle.issue({ ...about, usage: 'client' })
const weakLeaf = middle.issue({ ...about, key: weak })
const encrypted = newPrivateKey().export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
const chain = leaf.certificate + middle.certificate

const refused: readonly [title: string, pem: string, key: string, where: 'chain' | 'key', what: RegExp][] = [
  ['nothing', '', leaf.key, 'chain', /holds no certificate/],
  ['text', 'hello', leaf.key, 'chain', /holds no certificate/],
  ['a key among certificates', leaf.certificate + leaf.key, leaf.key, 'chain', /private key, which belongs in "key"/],
  ['something else in PEM', pemBlock('CRL'), leaf.key, 'chain', /Block 1 is "CRL"/],
  ['a damaged certificate', damaged(leaf.certificate), leaf.key, 'chain', /Block 1 is not a certificate/],
  ['eleven certificates', leaf.certificate.repeat(11), leaf.key, 'chain', /more than 10/],
  ['a chain in reverse', root.certificate + middle.certificate + leaf.certificate, leaf.key, 'chain', /reverse order/],
  ['a certificate that does not belong', chain + other.certificate, leaf.key, 'chain', /Certificate 3 \(CN=b\)/],
  ['a missing link', leaf.certificate + root.certificate, leaf.key, 'chain', /Certificate 2 \(CN=Root\)/],
  ['one that has expired', expired.certificate, expired.key, 'chain', /has expired, on 20/],
  ['one that does not hold yet', early.certificate, early.key, 'chain', /does not hold yet/],
  ['one without names', nameless.certificate, nameless.key, 'chain', /names no host/],
  ['a wildcard within a label', oddName.certificate, oddName.key, 'chain', /"a\*\.example"/],
  ['one for clients', forClients.certificate, forClients.key, 'chain', /not for servers/],
  ['a weak key', weakLeaf.certificate, weakLeaf.key, 'chain', /ee key too small/],
  ['the key of another', chain, other.key, 'key', /does not belong to the certificate/],
  ['the key of its issuer', chain, middle.key, 'key', /belongs to certificate 2/],
  ['a key with a pass phrase', chain, String(encrypted), 'key', /pass phrase/],
  ['a certificate for a key', chain, leaf.certificate, 'key', /not a private key/],
  ['no key', chain, '', 'key', /not a private key/],
]
for (const [title, text, key, where, what] of refused)
  test(`refuses ${title}`, () => {
    const { problems } = readChain(text, key, Date.now())
    const found = problems.find(({ message }) => what.test(message))
    assert.equal(found?.in, where, JSON.stringify(problems))
  })

test('tells all that is wrong at once', () => {
  const { problems } = readChain(expired.certificate + root.certificate, pem(newPrivateKey()), Date.now())
  assert.deepEqual(problems.map((problem) => problem.in).sort(), ['chain', 'chain', 'key'])
})

test('says what a chain is, without what stands between its blocks', () => {
  const { chain: read, problems } = readChain(
    `subject=a\n${leaf.certificate}\nissuer\n${middle.certificate}`,
    leaf.key,
    Date.now(),
  )
  assert.deepEqual(problems, [])
  assert.equal(read?.pem, chain)
  const { names, subject, issuer, keyType, length, isSelfSigned } = read?.about ?? {}
  assert.deepEqual(
    { names, subject, issuer, keyType, length, isSelfSigned },
    {
      names: ['a.example', '*.a.example'],
      subject: 'CN=a',
      issuer: 'CN=Middle',
      keyType: 'EC P-256',
      length: 2,
      isSelfSigned: false,
    },
  )
})

function pemBlock(kind: string): string {
  return `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`
}

function damaged(certificate: string): string {
  return certificate.replace(/.{40}\n-----END/, '\n-----END')
}
