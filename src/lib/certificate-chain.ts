import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { alternativeNames } from './alternative-names.ts'

/** What a server shows its clients: its certificate, then those that lead to an authority which clients know. */
export interface CertificateChain {
  /** In PEM, nothing else between the blocks. */
  readonly pem: string
  readonly about: CertificateFacts
}

/** What a certificate says. */
export interface CertificateFacts {
  /** Host names that it is for, in lower case; `*.example.com` is for every name that has one label more. */
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** SHA-256, in hexadecimal with colons. */
  readonly fingerprint: string
  /** `EC P-256`, `RSA 2048`. */
  readonly keyType: string
  /** How many certificates the chain has. */
  readonly length: number
  readonly isSelfSigned: boolean
}

/** Something wrong with a chain or its key. */
export interface ChainProblem {
  readonly in: 'chain' | 'key'
  readonly message: string
}

const MAX_CERTIFICATES = 10
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g
const SERVER_USAGE = '1.3.6.1.5.5.7.3.1'
const ANY_USAGE = '2.5.29.37.0'

/** The certificates of a PEM text, or what is wrong with it. */
export function readCertificates(pem: string): { certificates: X509Certificate[]; problem: string | null } {
  const blocks = [...pem.matchAll(BLOCK)]
  const failed = (problem: string) => ({ certificates: [], problem })
  if (blocks.length === 0)
    return failed('It holds no certificate in PEM: it must begin with "-----BEGIN CERTIFICATE-----".')
  if (blocks.length > MAX_CERTIFICATES) return failed(`It holds more than ${MAX_CERTIFICATES} certificates.`)
  const certificates: X509Certificate[] = []
  for (const [i, [block, kind = '']] of blocks.entries()) {
    if (kind.includes('PRIVATE KEY')) return failed('It holds a private key, which belongs in "key" and nowhere else.')
    if (kind !== 'CERTIFICATE') return failed(`Block ${i + 1} is "${kind}", but must be CERTIFICATE.`)
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      return failed(`Block ${i + 1} is not a certificate: it is cut off or damaged.`)
    }
  }
  return { certificates, problem: null }
}

/** Reads a chain and checks it, with its private key, against each other and the clock: all that would let down clients is a problem. */
export function readChain(
  pem: string,
  keyPem: string,
  now: number,
): { readonly chain: CertificateChain | null; readonly problems: ChainProblem[] } {
  const { certificates, problem } = readCertificates(pem)
  const [leaf] = certificates
  const { key, problem: keyProblem } = readPrivateKey(keyPem)
  const problems: ChainProblem[] = [
    ...inChain(problem === null ? [] : [problem]),
    ...inKey(keyProblem === null ? [] : [keyProblem]),
  ]
  if (leaf === undefined) return { chain: null, problems }
  problems.push(...inChain([...checkLeaf(leaf), ...checkOrder(certificates), ...checkTimes(certificates, now)]))
  if (key !== null && !leaf.checkPrivateKey(key)) problems.push(...inKey([keyMismatch(certificates, key)]))
  const whole = certificates.map((certificate) => certificate.toString()).join('')
  if (problems.length === 0) problems.push(...inChain(checkUsable(whole, keyPem)))
  return { chain: { pem: whole, about: factsOf(leaf, certificates.length) }, problems }
}

/** What a chain says that was checked when it came in. Throws for one that cannot be read. */
export function chainFacts(pem: string): CertificateFacts {
  const { certificates, problem } = readCertificates(pem)
  const [leaf] = certificates
  if (leaf === undefined) throw new Error(problem ?? 'it is empty')
  return factsOf(leaf, certificates.length)
}

function factsOf(leaf: X509Certificate, length: number): CertificateFacts {
  const { dns, addresses } = alternativeNames(leaf.subjectAltName)
  return {
    names: dns,
    addresses,
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    serialNumber: leaf.serialNumber,
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
    fingerprint: leaf.fingerprint256,
    keyType: keyTypeOf(leaf.publicKey),
    length,
    isSelfSigned: leaf.subject === leaf.issuer && leaf.verify(leaf.publicKey),
  }
}

function readPrivateKey(pem: string): { key: KeyObject | null; problem: string | null } {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem))
    return {
      key: null,
      problem:
        'It is encrypted with a pass phrase: take that off first, with "openssl pkey -in key.pem -out plain.pem".',
    }
  try {
    return { key: createPrivateKey(pem), problem: null }
  } catch {
    return { key: null, problem: 'It is not a private key in PEM: it must begin with "-----BEGIN PRIVATE KEY-----".' }
  }
}

function checkLeaf(leaf: X509Certificate): string[] {
  const { dns, addresses } = alternativeNames(leaf.subjectAltName)
  const unfit = dns.filter((name) => !isServerName(name))
  return [
    ...(dns.length + addresses.length === 0
      ? ['It names no host (subjectAltName), so that no client would take it: ask its authority for one with names.']
      : []),
    ...unfit.map((name) => `It is for "${name}", which is not a host name: only a whole first label can be "*".`),
    // Node.js calls the extended usages "keyUsage".
    ...(leaf.keyUsage !== undefined && ![SERVER_USAGE, ANY_USAGE].some((usage) => leaf.keyUsage.includes(usage))
      ? ['It is not for servers (extended key usage), so that no client would take it.']
      : []),
  ]
}

/** Whether a name can be one of a server: labels of letters, digits and hyphens; the first may be `*`. */
export function isServerName(name: string): boolean {
  return /^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(
    name,
  )
}

function checkOrder(certificates: readonly X509Certificate[]): string[] {
  if (isInOrder(certificates)) return []
  if (isInOrder(certificates.toReversed()))
    return ['The certificates are in reverse order: put that of the server first, then its issuer, and so on.']
  const at = certificates.findIndex((one, i) => i > 0 && !isIssuedBy(certificates[i - 1] ?? one, one))
  return [
    `Certificate ${at + 1} (${oneLine(certificates[at]?.subject ?? '')}) is not the issuer of the one before it: put that of the server first, then its issuer, and so on.`,
  ]
}

function isInOrder(certificates: readonly X509Certificate[]): boolean {
  return certificates.every((issuer, i) => {
    const issued = certificates[i - 1]
    return issued === undefined || isIssuedBy(issued, issuer)
  })
}

/** Whether one certificate was signed by another: by names and identifiers, and by the signature itself. */
export function isIssuedBy(issued: X509Certificate, issuer: X509Certificate): boolean {
  return issued.checkIssued(issuer) && issued.verify(issuer.publicKey)
}

function checkTimes(certificates: readonly X509Certificate[], now: number): string[] {
  return certificates.flatMap((certificate, i) => {
    const which = i === 0 ? 'The certificate' : `Certificate ${i + 1} (${oneLine(certificate.subject)})`
    const { validFromDate, validToDate } = certificate
    if (validToDate.getTime() <= now) return [`${which} has expired, on ${validToDate.toISOString()}.`]
    if (validFromDate.getTime() > now)
      return [`${which} does not hold yet, only from ${validFromDate.toISOString()} on.`]
    return []
  })
}

function keyMismatch(certificates: readonly X509Certificate[], key: KeyObject): string {
  const other = certificates.findIndex((certificate) => certificate.checkPrivateKey(key))
  return other === -1
    ? 'It does not belong to the certificate: they have different public keys.'
    : `It belongs to certificate ${other + 1} of the chain, but must belong to the first.`
}

/** What OpenSSL has against it: keys and signatures that are too weak, say. */
function checkUsable(cert: string, key: string): string[] {
  try {
    createSecureContext({ cert, key })
    return []
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? String(error.reason) : 'it cannot be used'
    return [`TLS does not take it: ${reason}.`]
  }
}

function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return `RSA ${asymmetricKeyDetails?.modulusLength}`
  if (asymmetricKeyType !== 'ec') return asymmetricKeyType === 'ed25519' ? 'Ed25519' : String(asymmetricKeyType)
  const { namedCurve = '' } = asymmetricKeyDetails ?? {}
  return `EC ${CURVES[namedCurve] ?? namedCurve}`
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

/** A distinguished name in one line: `CN=example.com, O=Example`. */
export function oneLine(name: string): string {
  return name.split('\n').toReversed().join(', ')
}

const inChain = (messages: readonly string[]): ChainProblem[] => messages.map((message) => ({ in: 'chain', message }))
const inKey = (messages: readonly string[]): ChainProblem[] => messages.map((message) => ({ in: 'key', message }))
