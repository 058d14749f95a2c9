import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Id } from './id.ts'

export const CertificateName = Type.String({
  title: 'Name',
  description: 'What people call it: lower-case letters, digits, dots and hyphens; unique.',
  pattern: '^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$',
  [EXPECTED]: 'up to 63 lower-case letters, digits, dots and hyphens, with a letter or a digit at both ends',
  examples: ['example.com'],
})

/** The largest chain and key, in PEM. */
export const MAX_PEM_BYTES = 65_536

export const CertificateChainText = Type.String({
  title: 'Chain',
  description:
    'In PEM: the certificate of the server first, then its issuer, and so on; the root may be left out. Its names (subjectAltName) decide for which hosts it is shown.',
  minLength: 1,
  maxLength: MAX_PEM_BYTES,
  examples: ['-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n'],
})

export const CertificateKey = Type.String({
  title: 'Private key',
  description: 'In PEM, without a pass phrase. Kept encrypted, and never given out again.',
  writeOnly: true,
  minLength: 1,
  maxLength: MAX_PEM_BYTES,
  examples: ['-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----\n'],
})

export const IsDefaultCertificate = Type.Boolean({
  title: 'Default',
  description: 'Whether clients are shown it that name no host, or one that no certificate is for.',
  default: false,
})

/** A certificate for the hosts that it names, and what it says. The private key is not here. */
export const Certificate = Type.Object({
  id: Id,
  name: CertificateName,
  chain: CertificateChainText,
  isDefault: IsDefaultCertificate,
  source: Type.Enum(['uploaded', 'acme'], {
    title: 'Source',
    description: '`uploaded` by somebody, or got and renewed by the program itself (`acme`).',
  }),
  names: Type.Array(Type.String(), { title: 'Names', description: 'Host names that it is for.' }),
  addresses: Type.Array(Type.String(), { title: 'Addresses', description: 'IP addresses that it is for.' }),
  subject: Type.String({ title: 'Subject', description: 'Whom it is about.' }),
  issuer: Type.String({ title: 'Issuer', description: 'Who has signed it.' }),
  serialNumber: Type.String({ title: 'Serial number', description: 'Given by the issuer, in hexadecimal.' }),
  notBefore: Type.String({ title: 'Not before', description: 'ISO 8601, UTC.' }),
  notAfter: Type.String({ title: 'Not after', description: 'When it expires: ISO 8601, UTC.' }),
  fingerprint: Type.String({ title: 'Fingerprint', description: 'SHA-256, in hexadecimal with colons.' }),
  keyType: Type.String({ title: 'Key type', description: '`EC P-256`, `RSA 2048`, …' }),
  version: Type.Integer({ title: 'Version', description: 'Goes up by one with each change; the ETag.' }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
  updatedAt: Type.String({ title: 'Updated', description: 'ISO 8601, UTC.' }),
})
export type Certificate = Static<typeof Certificate>

/** A certificate with its key as it is kept: encrypted. */
export type StoredCertificate = Pick<
  Certificate,
  'id' | 'name' | 'chain' | 'isDefault' | 'source' | 'version' | 'createdAt' | 'updatedAt'
> & { readonly sealedKey: string }

/** A certificate as the data plane has it: its key stays sealed on the way there. */
export type LiveCertificate = Pick<StoredCertificate, 'id' | 'chain' | 'sealedKey' | 'isDefault'>

/** The order of certificates for one name, the best last: clients can rely on it for the longest time. */
export function byPreference(
  a: Pick<Certificate, 'notAfter' | 'fingerprint'>,
  b: Pick<Certificate, 'notAfter' | 'fingerprint'>,
): number {
  if (a.notAfter !== b.notAfter) return a.notAfter < b.notAfter ? -1 : 1
  return a.fingerprint < b.fingerprint ? -1 : 1
}
