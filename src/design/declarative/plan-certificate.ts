import { chainFacts } from '../../lib/certificate-chain.ts'
import type { StoredCertificate } from '../../model/certificate.ts'
import type { CertificateFields } from '../../model/declarative.ts'
import { diffThing } from '../changes.ts'
import type { Pair, PlannedChange } from './plan-service.ts'

/** Certificates: how a document has them, and what is different between what is there and what is to be. */

/** A certificate as a document has it. Its key is encrypted: only this installation can read it again. */
export function toCertificateFields({ chain, sealedKey, isDefault }: StoredCertificate): CertificateFields {
  return { chain, key: sealedKey, isDefault }
}

/** What is to be done to a certificate; null where that is nothing. The same chain has the same key. */
export function planCertificateChange({ before, after }: Pair<StoredCertificate>): PlannedChange | null {
  const name = (after ?? before)?.name ?? ''
  const differences = diffThing(`certificate ${name}`, before && comparable(before), after && comparable(after))
  if (differences.length === 0) return null
  const action = before === null ? 'create' : after === null ? 'delete' : 'update'
  return { action, kind: 'certificate', service: null, name, differences }
}

/** What people tell certificates by: nobody reads PEM. */
function comparable({ chain, isDefault }: StoredCertificate): Readonly<Record<string, unknown>> {
  const { names, issuer, notAfter, fingerprint, length } = chainFacts(chain)
  return { names, issuer, notAfter, fingerprint, length, isDefault }
}
