import { createSecureContext } from 'node:tls'
import type { Vault } from '../../lib/vault.ts'
import type { AcmeChallenge } from '../../model/managed-certificate.ts'
import type { ClientHello } from './client-hello.ts'
import type { TlsChoice } from './tls-opening.ts'

/** The protocol that authorities speak to look whether a name is ours (RFC 8737). */
export const ACME_TLS = 'acme-tls/1'
const PATH = '/.well-known/acme-challenge/'

/** What a worker answers authorities that look whether names are ours: nothing, nearly always. */
export class Challenges {
  private readonly answers = new Map<string, string>()
  private readonly contexts = new Map<string, TlsChoice>()

  get isEmpty(): boolean {
    return this.answers.size + this.contexts.size === 0
  }

  show(challenge: AcmeChallenge, vault: Pick<Vault, 'open'>): void {
    if (challenge.type === 'http-01') {
      this.answers.set(`${challenge.domain} ${challenge.token}`, challenge.answer)
      return
    }
    const context = createSecureContext({ cert: challenge.chain, key: vault.open(challenge.sealedKey) })
    this.contexts.set(challenge.domain, { identity: { context, isClientAsked: false }, protocols: [ACME_TLS] })
  }

  hide(challenge: AcmeChallenge): void {
    if (challenge.type === 'http-01') this.answers.delete(`${challenge.domain} ${challenge.token}`)
    else this.contexts.delete(challenge.domain)
  }

  /** The answer to a request of an authority (RFC 8555, section 8.3); null for any other. */
  answerTo(hostName: string, path: string): string | null {
    if (!path.startsWith(PATH)) return null
    return this.answers.get(`${hostName} ${path.slice(PATH.length)}`) ?? null
  }

  /** What an authority gets that asks by TLS; null for any other client. */
  choiceFor({ serverName, protocols }: ClientHello): TlsChoice | null {
    return protocols.includes(ACME_TLS) ? (this.contexts.get(serverName) ?? null) : null
  }
}
