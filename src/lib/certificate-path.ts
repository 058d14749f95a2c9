import type { X509Certificate } from 'node:crypto'
import { isIssuedBy } from './certificate-chain.ts'

/** A way from a certificate to an authority. */
export interface CertificatePath {
  /** Between which times (ms since the Unix epoch) all of it holds. */
  readonly from: number
  readonly until: number
}

/**
 * The way from the first of `chain` to one of `authorities`; null for none. Each of the others must have signed the one before and
 * be an authority itself. What TLS has found wrong with the chain (constraints, usages, revocation) is not looked at again.
 */
export function findPath(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): CertificatePath | null {
  const path: X509Certificate[] = []
  for (const [i, certificate] of chain.entries()) {
    const issued = chain[i - 1]
    if (issued !== undefined && !(certificate.ca && isIssuedBy(issued, certificate))) return null
    path.push(certificate)
    if (authorities.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)) return spanOf(path)
    const authority = authorities.find((one) => one.ca && isIssuedBy(certificate, one))
    if (authority !== undefined) return spanOf([...path, authority])
  }
  return null
}

function spanOf(path: readonly X509Certificate[]): CertificatePath {
  return {
    from: Math.max(...path.map(({ validFromDate }) => validFromDate.getTime())),
    until: Math.min(...path.map(({ validToDate }) => validToDate.getTime())),
  }
}
