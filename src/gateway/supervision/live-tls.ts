import { randomBytes } from 'node:crypto'
import type { LiveCertificate } from '../../model/certificate.ts'
import type { AcmeChallenge } from '../../model/managed-certificate.ts'
import type { CertificateNews, CertificatesAtStart } from '../protocol.ts'
import type { Turns } from './turns.ts'
import type { WorkerThreads } from './worker-threads.ts'

/** The certificates that there are at a start. */
export type LiveCertificates = Omit<CertificatesAtStart, 'ticketKeys' | 'formerTicketKeys'>

export interface LiveTlsParts {
  readonly threads: Pick<WorkerThreads, 'tellAll'>
  readonly turns: Turns
  readonly log: { error(message: string): void }
}

/** How long session tickets are made with the same keys; they are taken as long again. What is recorded of TLS 1.2 is safe from then on. */
const TICKET_KEYS_MS = 6 * 3_600_000
const TICKET_KEY_BYTES = 48

/** What all workers need for TLS: certificates, the keys of session tickets, and what authorities look for. */
export class LiveTls {
  private readonly parts: LiveTlsParts
  private readonly certificates = new Map<string, LiveCertificate>()
  private authority: LiveCertificate | null = null
  private ticketKeys = newTicketKeys()
  private formerTicketKeys: string | null = null

  constructor(parts: LiveTlsParts) {
    this.parts = parts
  }

  /** Takes in what there is before any worker has started. */
  begin({ all, authority }: LiveCertificates): void {
    for (const certificate of all) this.certificates.set(certificate.id, certificate)
    this.authority = authority
  }

  /** Begins to change the keys of session tickets from time to time. */
  rotateKeys(): void {
    setInterval(() => this.changeTicketKeys(), TICKET_KEYS_MS).unref()
  }

  /** All of it, for a worker that starts. */
  atStart(): CertificatesAtStart {
    const { authority, ticketKeys, formerTicketKeys } = this
    return { all: [...this.certificates.values()], authority, ticketKeys, formerTicketKeys }
  }

  /** Puts a certificate in, or in the place of its former self. Resolves when every worker has it; if one refuses, nothing has changed. */
  put(certificate: LiveCertificate): Promise<void> {
    return this.parts.turns.take(async () => {
      const { id } = certificate
      const before = this.certificates.get(id)
      this.certificates.set(id, certificate)
      const failures = await this.tell({ put: certificate })
      if (failures.length === 0) return
      if (before === undefined) this.certificates.delete(id)
      else this.certificates.set(id, before)
      await this.tell(before === undefined ? { remove: id } : { put: before })
      throw new Error(failures.join('; '))
    })
  }

  /** Takes a certificate off all workers. */
  remove(id: string): Promise<void> {
    return this.parts.turns.take(async () => {
      if (!this.certificates.delete(id)) return
      const failures = await this.tell({ remove: id })
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  /** Has every worker answer an authority that looks whether a name is ours. A worker that dies meanwhile is asked in vain: it is tried again. */
  showChallenge(challenge: AcmeChallenge): Promise<void> {
    return this.parts.turns.take(async () => {
      const failures = await this.tell({ show: challenge })
      if (failures.length > 0) throw new Error(failures.join('; '))
    })
  }

  hideChallenge(challenge: AcmeChallenge): Promise<void> {
    return this.parts.turns.take(async () => {
      await this.tell({ hide: challenge })
    })
  }

  private changeTicketKeys(): Promise<void> {
    const { turns, log } = this.parts
    return turns.take(async () => {
      this.formerTicketKeys = this.ticketKeys
      this.ticketKeys = newTicketKeys()
      const failures = await this.tell({ ticketKeys: this.ticketKeys })
      if (failures.length > 0) log.error(`the keys of session tickets could not be changed: ${failures.join('; ')}`)
    })
  }

  private tell(news: CertificateNews): Promise<string[]> {
    return this.parts.threads.tellAll((ticket) => ({ type: 'certificate', ticket, news }))
  }
}

function newTicketKeys(): string {
  return randomBytes(TICKET_KEY_BYTES).toString('base64')
}
