import type { KeyObject } from 'node:crypto'
import { makeCertificate, type NewCertificate, newPrivateKey } from './make-certificate.ts'

/** For tests: authorities and certificates that they make for themselves. */

const DAY_MS = 86_400_000

/** A certificate with its private key, in PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

/** Something that signs certificates. */
export interface Authority extends Identity {
  readonly commonName: string
  readonly privateKey: KeyObject
  /** A certificate that holds from yesterday for a month, unless it is to say something else. */
  issue(about: Partial<NewCertificate> & Pick<NewCertificate, 'commonName'>): Identity
  /** The same for the public key of somebody else, whose private key it does not know. */
  sign(about: Partial<NewCertificate> & Pick<NewCertificate, 'commonName' | 'key'>): { readonly certificate: string }
  /** An authority below this one. */
  authority(commonName: string): Authority
}

/** Makes an authority that nobody has signed. */
export function newAuthority(commonName = 'Test Root'): Authority {
  return authorityOf(commonName)
}

function authorityOf(commonName: string, issuer?: NewCertificate['issuer']): Authority {
  const key = newPrivateKey()
  const certificate = makeCertificate({ commonName, key, isAuthority: true, ...aMonth(), ...(issuer && { issuer }) })
  const self = { commonName, key }
  return {
    commonName,
    certificate,
    key: pemOf(key),
    privateKey: key,
    issue(about) {
      const { key: own = newPrivateKey(), ...rest } = about
      return { certificate: makeCertificate({ ...aMonth(), issuer: self, ...rest, key: own }), key: pemOf(own) }
    },
    sign: (about) => ({ certificate: makeCertificate({ ...aMonth(), issuer: self, ...about }) }),
    authority: (name) => authorityOf(name, self),
  }
}

function aMonth() {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
