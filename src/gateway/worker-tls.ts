import type { Vault } from '../lib/vault.ts'
import type { AcmeChallenge } from '../model/managed-certificate.ts'
import { Certificates } from './front/certificates.ts'
import { Challenges } from './front/challenges.ts'
import type { CertificateNews, WorkerSettings } from './protocol.ts'

/** What a worker needs for TLS, and what it learns of that: certificates, keys of session tickets, answers to authorities. */
export class WorkerTls {
  /** Null where it does not listen for TLS. */
  readonly certificates: Certificates | null
  private readonly vault: Vault
  /** Is given the answers to authorities whenever they are others; null for none. */
  private readonly onChallenges: (challenges: Challenges | null) => void
  private challenges: Challenges | null = null

  constructor(
    settings: Pick<WorkerSettings, 'front' | 'certificates'>,
    vault: Vault,
    onChallenges: (challenges: Challenges | null) => void,
  ) {
    this.certificates = loadCertificates(settings, vault)
    this.vault = vault
    this.onChallenges = onChallenges
  }

  learn(news: CertificateNews): void {
    if ('put' in news) this.certificates?.put(news.put)
    else if ('remove' in news) this.certificates?.remove(news.remove)
    else if ('ticketKeys' in news) this.certificates?.setTicketKeys(Buffer.from(news.ticketKeys, 'base64'))
    else this.learnChallenge(news)
  }

  private learnChallenge(news: { readonly show: AcmeChallenge } | { readonly hide: AcmeChallenge }): void {
    const challenges = this.challenges ?? new Challenges()
    if ('show' in news) challenges.show(news.show, this.vault)
    else challenges.hide(news.hide)
    this.challenges = challenges.isEmpty ? null : challenges
    this.onChallenges(this.challenges)
  }
}

function loadCertificates(
  { front, certificates }: Pick<WorkerSettings, 'front' | 'certificates'>,
  vault: Vault,
): Certificates | null {
  if (front.tls === null) return null
  const { all, authority, ticketKeys, formerTicketKeys } = certificates
  const former = formerTicketKeys === null ? null : Buffer.from(formerTicketKeys, 'base64')
  const loaded = new Certificates(front.tls, Buffer.from(ticketKeys, 'base64'), former, vault, Date.now)
  loaded.load(all, authority)
  return loaded
}
