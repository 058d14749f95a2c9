import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { bits, boolean, integer, octets, oid, sequence, set, tagged, taggedBytes, time, utf8 } from './der.ts'
import { addressBytes } from './network-set.ts'

/** Makes X.509 certificates (RFC 5280), which Node.js reads but does not write: the one for local use, and those of tests. */

/** What a certificate is to say. */
export interface NewCertificate {
  readonly commonName: string
  /** Host names and addresses that it is for (subjectAltName). */
  readonly names?: readonly string[]
  /** Names of callers that are URIs, as workloads have them (SPIFFE). */
  readonly uris?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  /** The key of whoever it is about; the public one is enough where somebody else signs it. */
  readonly key: KeyObject
  /** Who signs it; by itself where it is left out. */
  readonly issuer?: { readonly commonName: string; readonly key: KeyObject }
  /** Whether it may sign others. */
  readonly isAuthority?: boolean
  /** Of an authority: names below which alone it may sign, and addresses. For all where it is left out. */
  readonly permitted?: readonly string[]
  readonly usage?: 'server' | 'client'
}

/** A new private key of the kind that all clients take and that is quick to sign with. */
export function newPrivateKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** Makes a certificate, in PEM. */
export function makeCertificate({ issuer, key, ...about }: NewCertificate): string {
  const signer = issuer ?? { commonName: about.commonName, key }
  const algorithm = algorithmOf(signer.key)
  const toBeSigned = sequence(
    tagged(0, integer(Buffer.of(2))), // the version, counted from 0
    integer(serialNumber()),
    algorithm,
    nameOf(signer.commonName),
    sequence(time(about.notBefore), time(about.notAfter)),
    nameOf(about.commonName),
    (key.type === 'public' ? key : createPublicKey(key)).export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensionsOf(about))),
  )
  const der = sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, signer.key)))
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

function extensionsOf({
  names = [],
  uris = [],
  isAuthority = false,
  permitted = [],
  usage,
}: Omit<NewCertificate, 'key'>): Buffer[] {
  const all = [...names.map(generalName), ...uris.map((uri) => taggedBytes(6, Buffer.from(uri, 'latin1')))]
  return [
    extension('2.5.29.19', true, sequence(...(isAuthority ? [boolean(true)] : []))),
    // keyCertSign and cRLSign; digitalSignature
    extension('2.5.29.15', true, isAuthority ? bits(Buffer.of(0x06), 1) : bits(Buffer.of(0x80), 7)),
    ...(usage === undefined ? [] : [extension('2.5.29.37', false, sequence(oid(USAGES[usage])))]),
    ...(permitted.length === 0
      ? []
      : [extension('2.5.29.30', true, sequence(tagged(0, ...permitted.map((name) => sequence(subtreeOf(name))))))]),
    ...(all.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...all))]),
  ]
}

const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

function extension(id: string, isCritical: boolean, content: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(content))
}

function generalName(name: string): Buffer {
  return isIP(name) === 0 ? taggedBytes(2, Buffer.from(name, 'latin1')) : taggedBytes(7, addressBytes(name))
}

/** A name as a bound: of addresses, the one address. */
function subtreeOf(name: string): Buffer {
  if (isIP(name) === 0) return generalName(name)
  const address = addressBytes(name)
  return taggedBytes(7, Buffer.concat([address, Buffer.alloc(address.length, 0xff)]))
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))))
}

function algorithmOf({ asymmetricKeyType }: KeyObject): Buffer {
  if (asymmetricKeyType === 'ec') return sequence(oid('1.2.840.10045.4.3.2'))
  if (asymmetricKeyType === 'rsa') return sequence(oid('1.2.840.113549.1.1.11'), Buffer.of(0x05, 0x00))
  throw new Error(`certificates are signed with keys of EC or RSA, not ${asymmetricKeyType}`)
}

/** 127 random bits: positive, and never the same twice. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}
