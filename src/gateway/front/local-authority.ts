import { createPrivateKey } from 'node:crypto'
import { chainFacts } from '../../lib/certificate-chain.ts'
import { makeCertificate, newPrivateKey } from '../../lib/make-certificate.ts'

/** The authority of this installation, for names that nobody else vouches for: `localhost` and those below the base domain. */
export interface LocalAuthority {
  readonly certificate: string
  readonly key: string
  readonly baseDomain: string
}

/** Certificates are made when a name is first asked for, and again by each rotation of the tickets: they hold well beyond that. */
const LIFE_MS = 30 * 86_400_000
/** For machines whose clocks are not quite right. */
const BEFORE_MS = 86_400_000

/** Whether the authority vouches for a name: only for what can be reached on this machine or below its own domain. */
export function isLocalName(name: string, baseDomain: string): boolean {
  return name === baseDomain || name === 'localhost' || name.endsWith(`.${baseDomain}`)
}

/** Makes a certificate for a name, and for the machine itself. Wildcards right below a top-level domain are taken by no client. */
export function issueLocally(
  { certificate, key }: Pick<LocalAuthority, 'certificate' | 'key'>,
  name: string,
  now: number,
): { readonly chain: string; readonly key: string } {
  const own = newPrivateKey()
  const { subject } = chainFacts(certificate)
  const leaf = makeCertificate({
    commonName: name,
    names: [...new Set([name, 'localhost', '127.0.0.1', '::1'])],
    notBefore: new Date(now - BEFORE_MS),
    notAfter: new Date(now + LIFE_MS),
    key: own,
    issuer: { commonName: subject.replace(/^CN=/, ''), key: createPrivateKey(key) },
    usage: 'server',
  })
  return { chain: leaf + certificate, key: own.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
