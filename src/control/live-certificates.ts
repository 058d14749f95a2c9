import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chainFacts } from '../lib/certificate-chain.ts'
import { makeCertificate, newPrivateKey } from '../lib/make-certificate.ts'
import type { LiveCertificate } from '../model/certificate.ts'
import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'
import type { CertificateTable } from './publisher.ts'

/** Keeps the data plane and the store at one about certificates, and the authority for names below the base domain. */

/** What workers are handed at a start. */
export interface CertificatesAtStart {
  readonly all: readonly LiveCertificate[]
  readonly authority: LiveCertificate
}

const YEAR_MS = 365 * 86_400_000
const DAY_MS = 86_400_000
const AUTHORITY_YEARS = 10
/** One that ends within this time is replaced at the next start. */
const RENEW_MS = YEAR_MS
const CERTIFICATE = 'local-authority'
const KEY = 'local-authority-key'

export const AUTHORITY_FILE = 'local-authority.pem'

/** What is changed in the store is put into the data plane before whoever changed it has the answer. */
export class LiveCertificates {
  private readonly store: Pick<Store, 'inTransaction'>
  private readonly table: CertificateTable
  /** One after the other, so that the last to be read is the last to be put in. */
  private turn: Promise<void> = Promise.resolve()

  constructor(store: Pick<Store, 'inTransaction'>, table: CertificateTable) {
    this.store = store
    this.table = table
  }

  /** All of them, for workers to start with. The authority is made where there is none, and written beside the store for clients. */
  async load(folder: string, baseDomain: string): Promise<CertificatesAtStart> {
    const loaded = await this.store.inTransaction('system', async (unit) => ({
      all: (await unit.certificates.list()).map(liveForm),
      authority: await ensureAuthority(unit, baseDomain),
    }))
    writeFileSync(join(folder, AUTHORITY_FILE), loaded.authority.chain)
    return loaded
  }

  /** Brings the data plane up to date about a certificate that was changed, made or deleted. Resolves when every worker has it. */
  refresh(id: string): Promise<void> {
    const done = this.turn.then(async () => {
      const certificate = await this.store.inTransaction('system', (unit) => unit.certificates.find(id))
      if (certificate === null) await this.table.removeCertificate(id)
      else await this.table.putCertificate(liveForm(certificate))
    })
    this.turn = done.catch(() => undefined)
    return done
  }
}

function liveForm({ id, chain, sealedKey, isDefault }: LiveCertificate): LiveCertificate {
  return { id, chain, sealedKey, isDefault }
}

/** The authority of this installation, in PEM. */
export async function readAuthority(unit: Unit): Promise<string | null> {
  return unit.installation.find(CERTIFICATE)
}

async function ensureAuthority(unit: Unit, baseDomain: string): Promise<LiveCertificate> {
  const commonName = `Turnpike local authority for ${baseDomain}`
  const known = await unit.installation.find(CERTIFICATE)
  const sealedKey = await unit.installation.find(KEY)
  if (known !== null && sealedKey !== null && isUsable(known, commonName)) return authority(known, sealedKey)
  const key = newPrivateKey()
  const chain = makeCertificate({
    commonName,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + AUTHORITY_YEARS * YEAR_MS),
    isAuthority: true,
    // Whoever trusts it trusts it for nothing else.
    permitted: [...new Set(['localhost', baseDomain]), '127.0.0.1', '::1'],
    key,
  })
  const sealed = unit.vault.seal(key.export({ type: 'pkcs8', format: 'pem' }).toString())
  await unit.installation.set(CERTIFICATE, chain)
  await unit.installation.set(KEY, sealed)
  return authority(chain, sealed)
}

function isUsable(chain: string, commonName: string): boolean {
  const { subject, notAfter } = chainFacts(chain)
  return subject === `CN=${commonName}` && Date.parse(notAfter) - Date.now() > RENEW_MS
}

function authority(chain: string, sealedKey: string): LiveCertificate {
  return { id: CERTIFICATE, chain, sealedKey, isDefault: false }
}
